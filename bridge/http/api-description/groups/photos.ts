/** Describes the photo routes. */
import {
  addPhotosAnswerSchema,
  addPhotosBodySchema,
  photoListQuerySchema,
  photoPageSchema,
  photoSchema,
  previewBodySchema,
  thumbnailQuerySchema,
} from '../../../contract/index.ts';
import { FOLDER } from '../examples.ts';
import { type Answer, describeQuery, type Group, type Operation } from '../operation.ts';

const photo = {
  photo_id: 1,
  path: `${FOLDER}/photo-01.jpg`,
  added_at: '2025-11-09T09:58:12Z',
  missing: false,
};
const jpeg: Answer = { about: 'The picture, in sRGB.', type: 'image/jpeg' };

const add: Operation = {
  method: 'POST',
  path: '/photos',
  id: 'addPhotos',
  summary: 'Register photos',
  description:
    'The same file gets the same id again. Only the first bytes are looked at: a damaged photo registers, and fails as an item. One path that is no photo refuses all, unless `skip_invalid`.',
  body: {
    schema: addPhotosBodySchema,
    required: true,
    examples: [
      {
        summary: 'Files',
        value: { paths: [`${FOLDER}/photo-01.jpg`, `${FOLDER}/photo-02.jpg`] },
      },
      { summary: 'A folder', value: { folder: FOLDER, glob: '**/*.jpg', recursive: true } },
    ],
  },
  answers: [
    {
      about: 'Ids in the order of the paths. `added_count`: those that were new.',
      schema: addPhotosAnswerSchema,
      example: {
        photos: [
          { photo_id: 1, path: `${FOLDER}/photo-01.jpg` },
          { photo_id: 2, path: `${FOLDER}/photo-02.jpg` },
        ],
        added_count: 2,
      },
    },
  ],
  refusals: ['invalid_path'],
  writes: true,
};

const list: Operation = {
  method: 'GET',
  path: '/photos',
  id: 'listPhotos',
  summary: 'All registered photos',
  query: describeQuery(photoListQuerySchema, {
    fields: {
      limit: '1 to 1000; what is larger counts as 1000.',
      cursor: 'The `next_cursor` of the page before.',
    },
    example: { limit: 100 },
  }),
  answers: [
    {
      about: 'A page, in the order of registration.',
      schema: photoPageSchema,
      example: { photos: [photo], count: 1, next_cursor: null },
    },
  ],
};

const one: Operation = {
  method: 'GET',
  path: '/photos/{photo_id}',
  id: 'getPhoto',
  summary: 'One photo',
  answers: [{ about: 'The photo.', schema: photoSchema, example: photo }],
};

const thumbnail: Operation = {
  method: 'GET',
  path: '/photos/{photo_id}/thumbnail',
  id: 'getThumbnail',
  summary: 'A small picture of the photo',
  query: describeQuery(thumbnailQuerySchema, {
    fields: { size: 'Longest edge in pixels.' },
    example: { size: 256 },
  }),
  answers: [jpeg],
  refusals: ['forbidden_path', 'unprocessable'],
};

const preview: Operation = {
  method: 'POST',
  path: '/photos/{photo_id}/preview',
  id: 'previewPhoto',
  summary: 'The photo with a look, before any batch',
  body: {
    schema: previewBodySchema,
    required: false,
    examples: [
      { summary: 'A preset, half of it', value: { preset: 'WhiteLayer_v4', blend: 50, width: 1024 } },
      { summary: 'Settings of its own', value: { preset: { exposure: 0.5, contrast: 20 }, width: 640 } },
    ],
  },
  answers: [jpeg],
  refusals: ['forbidden_path', 'unprocessable', 'unknown_preset', 'preset_invalid'],
};

export const photos: Group = {
  name: 'Photos',
  about: 'Files get ids here, and are shown.',
  operations: [add, list, one, thumbnail, preview],
};
