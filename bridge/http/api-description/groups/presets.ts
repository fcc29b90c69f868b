/** Describes the preset routes. */
import { presetDetailSchema, presetListSchema } from '../../../contract/index.ts';
import type { Group } from '../operation.ts';

const summary = {
  name: 'WhiteLayer_v4',
  description: 'Bright and clean, soft highlights.',
  source: 'built-in',
  kind: 'native',
  group: null,
  path: null,
  problem: null,
};

export const presets: Group = {
  name: 'Presets',
  about: 'The looks a batch can give: built in, and the files of the presets folder.',
  operations: [
    {
      method: 'GET',
      path: '/presets',
      id: 'listPresets',
      summary: 'All presets',
      answers: [
        {
          about: 'By name.',
          schema: presetListSchema,
          example: { presets: [summary], count: 1 },
        },
      ],
    },
    {
      method: 'GET',
      path: '/presets/{name}',
      id: 'getPreset',
      summary: 'One preset, with what it cannot honour',
      answers: [
        {
          about: 'The preset.',
          schema: presetDetailSchema,
          example: {
            ...summary,
            hash: '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
            settings: { exposure: 0.35, contrast: -8, highlights: -40 },
            not_honoured: [],
            notes: [],
          },
        },
      ],
    },
  ],
};
