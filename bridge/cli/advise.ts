/** What only a second look tells about an error: where a daemon was looked for, and the names that a wrong one is near to. */
import { type BridgeClient, BridgeProblem, createClient } from '../client/index.ts';
import { toSuggestions } from '../contract/index.ts';
import type { Context } from './context.ts';
import { AdvisedError } from './exit-codes.ts';
import type { DaemonAddress } from './find-daemon.ts';

/** The looking up must not make a quick answer slow. */
const PATIENCE_MS = 2000;
const MOST_BATCHES = 1000;

/** The same error, or an AdvisedError around it. Never rejects. */
export async function advise(
  error: unknown,
  context: Pick<Context, 'findDaemon'>,
  args: readonly string[],
): Promise<unknown> {
  if (!(error instanceof BridgeProblem)) return error;
  try {
    const address = await context.findDaemon();
    const advice = error.status === 0 ? toWayIn(address) : await findNames(error, address.url, args);
    return advice.length === 0 ? error : new AdvisedError(error, advice);
  } catch {
    // An error while explaining one explains nothing.
    return error;
  }
}

function toWayIn({ from, url, looked }: DaemonAddress): string[] {
  const start = 'Start the daemon with: photo-bridge serve';
  const elsewhere = 'It runs elsewhere? Name it with --url, --data-dir or PHOTO_BRIDGE_URL.';
  switch (from) {
    case 'flag':
      return [start, `${url} is what --url says. ${elsewhere}`];
    case 'environment':
      return [start, `${url} is what PHOTO_BRIDGE_URL says. ${elsewhere}`];
    case 'runtime.json':
      return [start, `${url} is what ${looked} says; that daemon has ended without tidying up. ${elsewhere}`];
    case 'default':
      return [
        start,
        looked === null
          ? `Looked at the default address only: the data folder cannot be told. ${elsewhere}`
          : `No daemon has left its address in ${looked}, so the default one was tried. ${elsewhere}`,
      ];
    default:
      return from satisfies never;
  }
}

async function findNames(error: BridgeProblem, url: string, args: readonly string[]): Promise<string[]> {
  const list = lists[error.code];
  // A daemon that knows better has said so.
  if (list === undefined || error.message.includes('did you mean')) return [];
  const names = await list(createClient({ url }), AbortSignal.timeout(PATIENCE_MS));
  const asked = typeof error.problem.batch_id === 'string' ? [error.problem.batch_id] : args;
  const near = asked.filter((word) => !names.includes(word)).flatMap((word) => toSuggestions(word, names));
  return near.length === 0 ? [] : [`Did you mean ${[...new Set(near)].slice(0, 3).join(' or ')}?`];
}

type List = (client: BridgeClient, signal: AbortSignal) => Promise<string[]>;

const lists: Readonly<Record<string, List>> = {
  async batch_not_found(client, signal) {
    const { batches } = await client.batches.list({ limit: MOST_BATCHES }, { signal });
    return batches.map(({ batch_id }) => batch_id);
  },
  async preset_not_found(client, signal) {
    return (await client.presets.list({ signal })).presets.map(({ name }) => name);
  },
  async template_not_found(client, signal) {
    return (await client.templates.list({ signal })).templates.map(({ name }) => name);
  },
};
