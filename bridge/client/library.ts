/** The photo and preset routes, one method each. */
import type { z } from 'zod';
import type { addPhotosBodySchema, Photo, PresetDetail, previewBodySchema } from '../contract/index.ts';
import type { AddPhotosAnswer, PhotoPage, PresetList } from './answers.ts';
import type { CallOptions, Transport } from './transport.ts';

export type AddPhotosRequest = z.input<typeof addPhotosBodySchema>;
export type PreviewRequest = z.input<typeof previewBodySchema>;

export function createPhotosClient(transport: Transport) {
  return {
    /** The same file gets the same id again; answers are in order. */
    add: (body: AddPhotosRequest, options?: CallOptions) =>
      transport.json<AddPhotosAnswer>({ method: 'POST', path: '/photos', body, ...options }),
    list: (query: { limit?: number; cursor?: string | undefined } = {}, options?: CallOptions) =>
      transport.json<PhotoPage>({ method: 'GET', path: '/photos', query, ...options }),
    get: (photoId: number, options?: CallOptions) =>
      transport.json<Photo>({ method: 'GET', path: `/photos/${photoId}`, ...options }),
    /** JPEG bytes; `size` = longest edge in pixels. */
    thumbnail: async (photoId: number, size?: number, options?: CallOptions) =>
      readBytes(
        await transport.raw({
          method: 'GET',
          path: `/photos/${photoId}/thumbnail`,
          query: { size },
          ...options,
        }),
      ),
    /** JPEG bytes of the photo with a look at `width` pixels. */
    preview: async (photoId: number, body: PreviewRequest = {}, options?: CallOptions) =>
      readBytes(
        await transport.raw({ method: 'POST', path: `/photos/${photoId}/preview`, body, ...options }),
      ),
  };
}

export function createPresetsClient(transport: Transport) {
  return {
    list: (options?: CallOptions) =>
      transport.json<PresetList>({ method: 'GET', path: '/presets', ...options }),
    get: (name: string, options?: CallOptions) =>
      transport.json<PresetDetail>({
        method: 'GET',
        path: `/presets/${encodeURIComponent(name)}`,
        ...options,
      }),
  };
}

async function readBytes(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}
