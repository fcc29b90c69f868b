/** Settings of what the daemon talks to outside this machine: servers of captions, a mirror, receivers of webhooks. */
import { z } from 'zod';
import { guard, live, restart } from './settings-notes.ts';
import { isWebhookSecret } from './webhook.ts';

export const outsideSettings = {
  captions: z
    .strictObject({
      server_url: z
        .string()
        .min(1)
        .max(2048)
        .optional()
        .meta(
          guard(
            live('The server captions are published on (variable `ACTIVITYPUB_INSTANCE_URL`); absent: none.'),
          ),
        ),
      token: z
        .string()
        .min(1)
        .max(4096)
        .optional()
        .meta({
          ...guard(
            live(
              'Access token of that server, to read and write posts (variable `ACTIVITYPUB_ACCESS_TOKEN`).',
            ),
          ),
          'x-secret': true,
        }),
    })
    .prefault({}),
  content: z
    .strictObject({
      mirror_url: z
        .url({ protocol: /^https?$/ })
        .max(2048)
        .optional()
        .meta(guard(restart('Where changes of content records are also sent (POST JSON); absent: nowhere.'))),
      mirror_token: z
        .string()
        .min(1)
        .max(4096)
        .optional()
        .meta({
          ...guard(restart('Sent to the mirror as `Authorization: Bearer`.')),
          'x-secret': true,
        }),
    })
    .prefault({}),
  webhooks: z
    .strictObject({
      secret: z
        .string()
        .refine(isWebhookSecret, 'must be "whsec_" and the base64 of 24 to 64 random bytes')
        .optional()
        .meta({
          ...guard(
            live(
              'What completion webhooks are signed with; absent: one that is made once and kept in the data folder.',
            ),
          ),
          'x-secret': true,
        }),
    })
    .prefault({}),
};

/** Keys whose values nobody is shown. */
export const secretSettings: ReadonlySet<string> = new Set([
  'webhooks.secret',
  'content.mirror_token',
  'captions.token',
]);
