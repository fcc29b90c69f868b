/** The modules of two packages, as far as they are used here: one leaves them out of its types, the other types them otherwise. */
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

/** As Node loads it: the factory is the module. Its own types speak of a default export of an ES module. */
declare module 'libheif-js/libheif-wasm/libheif.js' {
  export default function createHeif(options: {
    instantiateWasm(imports: unknown, receive: (instance: unknown) => unknown): unknown;
    print(text: string): void;
    printErr(text: string): void;
  }): unknown;
}
