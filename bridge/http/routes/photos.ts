/** Photo routes: register, list, one photo, thumbnail, preview. */
import { type Context, Hono } from 'hono';
import {
  addPhotosBodySchema,
  photoListQuerySchema,
  previewBodySchema,
  thumbnailQuerySchema,
} from '../../contract/index.ts';
import { parseBody, parsePhotoId, parseQuery } from '../parse.ts';
import type { AppEnv, AppServices } from '../services.ts';

export function createPhotoRoutes(services: AppServices): Hono<AppEnv> {
  const { photos } = services;
  return new Hono<AppEnv>()
    .post('/photos', async (c) => c.json(await photos.add(await parseBody(c, services, addPhotosBodySchema))))
    .get('/photos', async (c) => c.json(await photos.list(parseQuery(c, photoListQuerySchema))))
    .get('/photos/:photo_id', async (c) => c.json(await photos.get(parsePhotoId(c))))
    .get('/photos/:photo_id/thumbnail', async (c) => {
      const { size } = parseQuery(c, thumbnailQuerySchema);
      return toJpeg(c, await photos.thumbnail(parsePhotoId(c), size, c.req.raw.signal));
    })
    .post('/photos/:photo_id/preview', async (c) => {
      const photoId = parsePhotoId(c);
      const body = await parseBody(c, services, previewBodySchema);
      return toJpeg(c, await photos.preview(photoId, body, c.req.raw.signal));
    });
}

function toJpeg(c: Context<AppEnv>, bytes: Uint8Array): Response {
  return c.body(new Uint8Array(bytes), 200, { 'content-type': 'image/jpeg' });
}
