/** The library over a test server: on the real engine, in a data folder of its own, on a clock that never really waits. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toRow } from '../../../../bridge/embedded/caption-input.ts';
import { createCaptionPublisher, type PublisherParts } from '../../../../bridge/embedded/captions.ts';
import type { Caption } from '../../../../bridge/operations/captions/caption.ts';
import type { MastodonServer } from '../../../helpers/mastodon/server.ts';
import { createTestPace } from '../../../unit/operations/captions/fixture.ts';

export function newDataDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'photo-bridge-captions-'));
}

/** Captions of posts in the order given: the first is the newest. */
export function toRows(captions: readonly Caption[]): Record<string, unknown>[] {
  const posts = [...new Set(captions.map(({ post_id }) => post_id))];
  return captions.map((caption) => {
    const age = posts.indexOf(caption.post_id);
    return { ...toRow(caption), updated_at: new Date(1_800_000_000_000 - age * 1000).toISOString() };
  });
}

/** Every publisher of one server works in the same data folder. */
const dataDirs = new WeakMap<MastodonServer, Promise<string>>();

export function dataDirOf(server: MastodonServer): Promise<string> {
  const dataDir = dataDirs.get(server) ?? newDataDir();
  dataDirs.set(server, dataDir);
  return dataDir;
}

export async function openPublisher(
  server: MastodonServer,
  captions: readonly Caption[],
  { token = server.token, ...more }: Partial<PublisherParts> & { token?: string } = {},
) {
  const pace = createTestPace();
  const publisher = createCaptionPublisher({
    connection: { server: server.url, token },
    env: {},
    dataDir: await dataDirOf(server),
    pace,
    captions: { rows: toRows(captions) },
    ...more,
  });
  return { publisher, pace };
}
