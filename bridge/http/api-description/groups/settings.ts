/** Describes the settings routes. */
import { settingsAnswerSchema, settingsChangeSchema, settingsPatchSchema } from '../../../contract/index.ts';
import type { Group } from '../operation.ts';

const file = '/home/anna/.local/share/photo-bridge/bridge.config.json';

export const settings: Group = {
  name: 'Settings',
  about: 'What `bridge.config.json`, the environment and the flags say. Changes to the file count at once.',
  operations: [
    {
      method: 'GET',
      path: '/settings',
      id: 'getSettings',
      summary: 'All settings, with where each comes from',
      answers: [
        {
          about: 'Values, origins, and what is wrong with the file as it is now.',
          schema: settingsAnswerSchema,
          example: {
            file,
            settings: { server: { port: 5100 } },
            entries: [
              {
                key: 'server.port',
                value: 5100,
                default: 5100,
                origin: 'default',
                source: null,
                type: 'integer',
                description: 'Port; 0 picks a free one.',
                needs_restart: true,
                guarded: false,
              },
            ],
            pending_restart: [],
            problems: [],
            warnings: [],
          },
        },
      ],
    },
    {
      method: 'PATCH',
      path: '/settings',
      id: 'changeSettings',
      summary: 'Change settings',
      description:
        'A JSON merge patch (RFC 7396) of the file: `null` takes a key out, which brings its default back. All of it or nothing; on disk and in use when it answers.',
      body: {
        schema: settingsPatchSchema,
        required: true,
        examples: [
          { summary: 'Give way early', value: { resources: { profile: 'quiet' } } },
          { summary: 'Back to the default', value: { resources: { profile: null } } },
        ],
      },
      answers: [
        {
          about: 'Written. `needs_restart`: those that count from the next start on.',
          schema: settingsChangeSchema,
          example: {
            message: 'Settings changed',
            file,
            changed: ['resources.profile'],
            needs_restart: [],
          },
        },
      ],
      refusals: ['forbidden_setting', 'conflict', 'unprocessable'],
      writes: true,
    },
  ],
};
