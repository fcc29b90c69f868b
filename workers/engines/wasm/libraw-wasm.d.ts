/** The module behind libraw-wasm's browser worker, which its own types leave out. Only what is used here. */
declare module 'libraw-wasm/dist/libraw.js' {
  export type LibRawSettings = {
    useCameraWb?: boolean;
    outputBps?: 8 | 16;
    outputColor?: number;
    noAutoBright?: boolean;
    userQual?: number;
    halfSize?: boolean;
    /** Six numbers, or they are ignored: power, slope of the toe, and four that LibRaw computes. */
    gamm?: readonly number[];
    cropbox?: readonly number[];
  };
  export type LibRawSizes = {
    /** Upright. */
    width: number;
    height: number;
    left_margin: number;
    top_margin: number;
    flip: number;
    pixel_aspect: number;
    raw_inset_crops?: { cleft: number; ctop: number; cwidth: number; cheight: number }[];
  };
  export type LibRawPicture = {
    width: number;
    height: number;
    colors: number;
    bits: number;
    data: Uint8Array | Uint16Array;
  };
  export type LibRawPhoto = {
    open(bytes: Uint8Array, settings: LibRawSettings): void;
    metadata(full: boolean): LibRawSizes;
    imageData(): LibRawPicture;
  };
  export default function createLibRaw(options: {
    wasmBinary: Uint8Array;
    printErr(text: string): void;
    print(text: string): void;
  }): Promise<{ LibRaw: new () => LibRawPhoto }>;
}
