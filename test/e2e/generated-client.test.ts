/** A client that a public generator makes from the running daemon's OpenAPI document compiles, and runs the guide's quick start. */
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { self, spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { createFolder, makePhotos, registerPhotos } from './support.ts';

const execute = promisify(execFile);
const inModules = (path: string) => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));
const quiet = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

/** The quick start of the guide: start, monitor, pause, resume, cancel; then its upkeep and a refusal. */
const quickStart = `
import { configure, startBatch, getBatchStatus, pauseBatch, resumeBatch, cancelBatch, recoverBatches, listBatches, cleanUpBatches } from './client.ts';

configure({ serverUrl: process.argv[2] ?? '' });
const started = await startBatch({
  body: {
    photo_ids: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    session_id: 123,
    config: { preset: 'WhiteLayer_v4', blend: 60 },
  },
});
const path = { batch_id: started.batch_id };
console.log(started.message, started.photo_count);
const status = await getBatchStatus({ path });
const percent: number = status.progress_percent;
console.log(status.status, percent >= 0, status.processed_count <= status.total_photos, status.failed_count);
const paused = await pauseBatch({ path });
console.log(paused.message);
const resumed = await resumeBatch({ path });
console.log(resumed.message);
const cancelled = await cancelBatch({ path });
console.log(cancelled.message);
const recovered = await recoverBatches({});
console.log(recovered.message, recovered.recovered_count);
for (const batch of (await listBatches({})).batches) console.log(batch.batch_id === started.batch_id, batch.status);
const cleaned = await cleanUpBatches({ body: { days_old: 7 } });
console.log(cleaned.message, cleaned.cleaned_count);
const refused = await resumeBatch({ path }).catch((error: unknown) => error);
console.log(refused instanceof Error, (refused as { status?: number }).status);
`;

describe('a client generated from the OpenAPI document', { timeout: 180_000 }, () => {
  let folder = '';
  let daemon: TestDaemon | null = null;
  beforeAll(async () => {
    folder = await createFolder();
    daemon = await spawnDaemon();
    const description = join(folder, 'openapi.json');
    await writeFile(description, await (await fetch(`${daemon.url}/openapi.json`)).text());
    const generate = [inModules('@redocly/cli/bin/cli.js'), 'generate-client', description];
    const options = ['--output', join(folder, 'client.ts'), '--import-ext', 'ts', '--args-style', 'grouped'];
    await execute(self.node, [...generate, ...options], { env: quiet, cwd: folder });
  }, 120_000);
  afterAll(async () => {
    await daemon?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('compiles without a complaint and runs the quick start', async () => {
    const { client, url } = daemon as TestDaemon;
    const paths = await makePhotos(await createFolder(), 10, { width: 1800, height: 1200 });
    await registerPhotos(client, paths);
    const script = join(folder, 'quick-start.ts');
    await writeFile(script, quickStart);
    await compile(folder, script);

    const { stdout } = await execute(self.node, [script, url]);
    expect(stdout.trimEnd().split('\n')).toEqual([
      'Batch processing started 10',
      'running true true 0',
      'Batch paused successfully',
      'Batch resumed successfully',
      'Batch cancelled successfully',
      'Batch recovery completed 0',
      'true cancelled',
      'Batch cleanup completed 0',
      'true 409',
    ]);
  });

  it('lets the compiler refuse what the daemon would refuse', async () => {
    const script = join(folder, 'wrong.ts');
    await writeFile(
      script,
      `
import { startBatch, setPriority } from './client.ts';
await startBatch({ body: { photo_ids: ['one'] } });
await setPriority({ path: { batch_id: 'batch_abc123def456' }, body: {} });
await startBatch({ body: { photo_ids: [1], on_unknown: 'maybe' } });
`,
    );
    const { stdout } = await compile(folder, script).catch((error: { stdout: string }) => error);
    expect([...stdout.matchAll(/wrong\.ts[(:](\d+)/g)].map((match) => match[1])).toEqual(['3', '4', '5']);
  });
});

async function compile(folder: string, script: string): Promise<{ stdout: string }> {
  const options = ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext', '--types', 'node'];
  const paths = ['--allowImportingTsExtensions', '--lib', 'es2024,dom', '--typeRoots', inModules('@types')];
  // What follows ends with the sources: a package file makes them modules.
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const args = [inModules('typescript/bin/tsc'), ...options, ...paths, script];
  return await execute(self.node, args, { cwd: folder });
}
