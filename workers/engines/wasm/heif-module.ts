/** libheif in WebAssembly: its C functions, typed, and the memory to call them with. Used only inside an engine thread. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import createHeif from 'libheif-js/libheif-wasm/libheif.js';
import { EngineError } from './messages.ts';

/** Of the engine only what is used here: Node's types leave it to the DOM's. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: unknown) => object;
};

type Pointer = number;
/** Those used here. A function that returns a struct takes the place for it as its first argument. */
type Functions = {
  _malloc(bytes: number): Pointer;
  _free(at: Pointer): void;
  _heif_context_alloc(): Pointer;
  _heif_context_free(context: Pointer): void;
  _heif_context_set_maximum_image_size_limit(context: Pointer, edge: number): void;
  _heif_context_read_from_memory_without_copy(
    error: Pointer,
    context: Pointer,
    bytes: Pointer,
    length: number,
    options: Pointer,
  ): void;
  _heif_context_get_primary_image_handle(error: Pointer, context: Pointer, handle: Pointer): void;
  _heif_context_get_number_of_top_level_images(context: Pointer): number;
  _heif_image_handle_release(handle: Pointer): void;
  _heif_image_handle_get_width(handle: Pointer): number;
  _heif_image_handle_get_height(handle: Pointer): number;
  _heif_image_handle_get_luma_bits_per_pixel(handle: Pointer): number;
  _heif_image_handle_has_alpha_channel(handle: Pointer): number;
  _heif_image_handle_is_premultiplied_alpha(handle: Pointer): number;
  _heif_image_handle_get_raw_color_profile_size(handle: Pointer): number;
  _heif_image_handle_get_raw_color_profile(error: Pointer, handle: Pointer, into: Pointer): void;
  _heif_image_handle_get_nclx_color_profile(error: Pointer, handle: Pointer, into: Pointer): void;
  _heif_nclx_color_profile_free(profile: Pointer): void;
  _heif_image_handle_get_number_of_metadata_blocks(handle: Pointer, filter: Pointer): number;
  _heif_image_handle_get_list_of_metadata_block_IDs(
    handle: Pointer,
    filter: Pointer,
    ids: Pointer,
    count: number,
  ): number;
  _heif_image_handle_get_metadata_type(handle: Pointer, id: number): Pointer;
  _heif_image_handle_get_metadata_content_type(handle: Pointer, id: number): Pointer;
  _heif_image_handle_get_metadata_size(handle: Pointer, id: number): number;
  _heif_image_handle_get_metadata(error: Pointer, handle: Pointer, id: number, into: Pointer): void;
  _heif_image_handle_get_number_of_thumbnails(handle: Pointer): number;
  _heif_image_handle_get_list_of_thumbnail_IDs(handle: Pointer, ids: Pointer, count: number): number;
  _heif_image_handle_get_thumbnail(error: Pointer, handle: Pointer, id: number, into: Pointer): void;
  _heif_image_handle_get_number_of_auxiliary_images(handle: Pointer, filter: number): number;
  _heif_image_handle_get_list_of_auxiliary_image_IDs(
    handle: Pointer,
    filter: number,
    ids: Pointer,
    count: number,
  ): number;
  _heif_image_handle_get_auxiliary_image_handle(
    error: Pointer,
    handle: Pointer,
    id: number,
    into: Pointer,
  ): void;
  _heif_image_handle_get_auxiliary_type(error: Pointer, handle: Pointer, into: Pointer): void;
  _heif_image_handle_get_number_of_depth_images(handle: Pointer): number;
  _heif_decoding_options_alloc(): Pointer;
  _heif_decoding_options_free(options: Pointer): void;
  _heif_decode_image(
    error: Pointer,
    handle: Pointer,
    into: Pointer,
    colourSpace: number,
    chroma: number,
    options: Pointer,
  ): void;
  _heif_image_release(image: Pointer): void;
  _heif_image_get_width(image: Pointer, channel: number): number;
  _heif_image_get_height(image: Pointer, channel: number): number;
  _heif_image_get_bits_per_pixel_range(image: Pointer, channel: number): number;
  _heif_image_get_plane_readonly(image: Pointer, channel: number, stride: Pointer): Pointer;
};
/** The views are new ones after memory has grown: never to be kept. */
type Memory = { HEAPU8: Uint8Array<ArrayBuffer>; HEAPU32: Uint32Array<ArrayBuffer> };
type Heif = Functions & Memory & { heif_get_version(): string };

const require = createRequire(import.meta.url);
const compiled = new WebAssembly.Module(
  readFileSync(require.resolve('libheif-js/libheif-wasm/libheif.wasm')),
);

/** heif_error.h */
const codes = { unsupportedFile: 3, unsupportedFeature: 4, memory: 6 } as const;
const SECURITY_LIMIT = 1000;
/** Bytes for a struct heif_error (code, subcode, message). */
const ERROR_BYTES = 12;

export class HeifModule {
  readonly lib: Heif;
  readonly version: string;
  readonly #error: Pointer;
  readonly #slot: Pointer;

  constructor() {
    this.lib = createHeif({
      instantiateWasm: (imports, receive) => receive(new WebAssembly.Instance(compiled, imports)),
      print: () => {},
      printErr: () => {},
    }) as Heif;
    this.version = `libheif ${this.lib.heif_get_version()}`;
    this.#error = this.lib._malloc(ERROR_BYTES);
    this.#slot = this.lib._malloc(8);
  }

  get heapBytes(): number {
    return this.lib.HEAPU8.length;
  }

  /** Calls a function with the place for its error; throws EngineError when it fails. */
  try(call: (error: Pointer) => void): void {
    call(this.#error);
    const code = this.lib.HEAPU32[this.#error >> 2] ?? 0;
    const subcode = this.lib.HEAPU32[(this.#error >> 2) + 1] ?? 0;
    if (code === 0) return;
    const said = this.text(this.lib.HEAPU32[(this.#error >> 2) + 2] ?? 0).slice(0, 160);
    if (subcode === SECURITY_LIMIT) throw new EngineError('source_too_large', `It is too large: ${said}.`);
    if (code === codes.memory) {
      throw new EngineError('out_of_memory', 'There was not enough memory to decode it.');
    }
    if (code === codes.unsupportedFile || code === codes.unsupportedFeature) {
      throw new EngineError('unsupported_format', `This kind of HEIF file is not supported: ${said}.`);
    }
    throw new EngineError('damaged_image', `It is damaged or cut short: ${said}`);
  }

  /** As `try`; answers the pointer that the function stored in the place it was given. */
  take(call: (error: Pointer, into: Pointer) => void): Pointer {
    this.try((error) => call(error, this.#slot));
    return this.lib.HEAPU32[this.#slot >> 2] ?? 0;
  }

  /** Answers a function's result and the 32-bit number it stored in the place it was given. */
  withNumber(call: (into: Pointer) => number): { result: number; stored: number } {
    const result = call(this.#slot);
    return { result, stored: this.lib.HEAPU32[this.#slot >> 2] ?? 0 };
  }

  /** A copy of what `fill` writes into `length` bytes. */
  read(length: number, fill: (into: Pointer) => void): Uint8Array<ArrayBuffer> {
    const at = this.lib._malloc(Math.max(length, 1));
    if (at === 0) throw new EngineError('out_of_memory', 'There was not enough memory to decode it.');
    try {
      fill(at);
      return this.lib.HEAPU8.slice(at, at + length);
    } finally {
      this.lib._free(at);
    }
  }

  /** Up to `count` 32-bit ids. */
  ids(count: number, fill: (into: Pointer, count: number) => void): number[] {
    const bytes = this.read(4 * count, (into) => fill(into, count));
    return [...new Uint32Array(bytes.buffer, 0, count)];
  }

  text(at: Pointer): string {
    if (at === 0) return '';
    const end = this.lib.HEAPU8.indexOf(0, at);
    return Buffer.from(this.lib.HEAPU8.subarray(at, end)).toString('utf8');
  }
}
