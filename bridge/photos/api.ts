/** What `http/` may ask of the photo catalog. Types only. */
import type { z } from 'zod';
import type { addPhotosBodySchema, NativePreset, Photo } from '../contract/index.ts';

export interface PhotoApi {
  /** Throws BridgeError `invalid_path` naming the first bad path unless `skip_invalid`; then nothing is added. */
  add(body: z.infer<typeof addPhotosBodySchema>): Promise<{
    photos: { photo_id: number; path: string }[];
    added_count: number;
    rejected?: { path: string; reason: string }[];
  }>;
  list(query: {
    limit: number;
    cursor?: string | undefined;
  }): Promise<{ photos: Photo[]; count: number; next_cursor: string | null }>;
  /** Throws BridgeError `photo_not_found`. */
  get(photoId: number): Promise<Photo>;
  /** JPEG bytes. Throws BridgeError `photo_not_found`, or `unprocessable` with the failure as extension. */
  thumbnail(photoId: number, size: number, signal?: AbortSignal): Promise<Uint8Array>;
  preview(
    photoId: number,
    body: { preset?: string | NativePreset | undefined; blend: number; width: number },
    signal?: AbortSignal,
  ): Promise<Uint8Array>;
}
