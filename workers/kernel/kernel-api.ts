/** What a kernel does, in WebAssembly or plain. Types only. */

export type Kernel = {
  /**
   * Replaces every whole pixel of `pixels` by the Look's colour, in place; the array's type is the bit depth (full range 0..255 or
   * 0..65535, encoded sRGB). With 4 channels the last one is kept as it is. A trailing part of a pixel is left alone.
   */
  apply(pixels: Uint8Array | Uint16Array, channels: 3 | 4): void;
};
