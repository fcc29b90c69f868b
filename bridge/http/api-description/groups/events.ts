/** Describes the live events: the long poll as a route, the WebSocket in words. */
import { eventsAnswerSchema, eventsQuerySchema } from '../../../contract/index.ts';
import { BATCH_ID } from '../examples.ts';
import { describeQuery, type Group } from '../operation.ts';

const socket = `The WebSocket at \`/ws\` tells of everything as it happens. OpenAPI has no form for it; this is how it works.

- Frames are JSON text, each with a \`type\`: what a program sends is a \`ClientFrame\`; what comes is an \`Event\` or a \`ServerFrame\`.
- On connecting comes \`connection_established\` with the newest \`seq\`. \`{"type":"ping"}\` answers \`pong\`; \`{"type":"register","client_name":"my-plugin"}\` gives the connection a name.
- \`{"type":"subscribe","channels":["batches"]}\` answers \`subscription_confirmed\`, then a \`batch_snapshot\` of each batch of those channels, then events as they come. \`unsubscribe\` ends it.
- Channels: \`batches\` (states and progress of all batches), \`batch:<batch_id>\` (one batch, and each of its photos), \`photos\`, \`system\`, \`queue\`. An unknown one is refused by name.
- After a break, \`subscribe\` with \`since\` and the last \`seq\` seen: what was missed comes first, or \`resync\` when it is no longer kept; the snapshots before it tell what is now.
- What cannot be understood answers \`error\`; the connection stays. Who reads too slowly gets progress merged, and after half a minute is closed with 4008.
- The daemon pings every 20 seconds.

Hosts without a WebSocket use the long poll.`;

export const events: Group = {
  name: 'Live events',
  about: socket,
  operations: [
    {
      method: 'GET',
      path: '/events',
      id: 'pollEvents',
      summary: 'Wait for events (long poll)',
      description:
        'Answers as soon as there is an event after `since`, or after `timeout_s`. Ask again with the `seq` of the answer. At most 1000 at a time.',
      query: describeQuery(eventsQuerySchema, {
        fields: {
          since: 'The `seq` of the last answer. Absent: from now on. 0: all that is kept.',
          timeout_s: 'How long to wait for the first one.',
          batch_id: 'Only events of this batch.',
        },
        example: { since: 0, timeout_s: 0 },
      }),
      answers: [
        {
          about:
            '`resync`: events after `since` are no longer kept; read the states anew and go on from `seq`, or from `oldest` for all that are still kept.',
          schema: eventsAnswerSchema,
          example: {
            events: [
              {
                type: 'hold_placed',
                seq: 1043,
                timestamp: '2025-11-09T10:01:00Z',
                batch_id: BATCH_ID,
                hold: {
                  owner: 'cpu',
                  reason: 'another program uses 91 % CPU',
                  since: '2025-11-09T10:01:00Z',
                },
              },
            ],
            seq: 1043,
          },
        },
      ],
    },
  ],
};
