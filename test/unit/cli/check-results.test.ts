import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkResults, type Evidence, loadStamp } from '../../../bridge/cli/demo/check-results.ts';
import type { ItemResult } from '../../../bridge/contract/index.ts';
import { createStatus } from '../../helpers/statuses.ts';

/** Two photos, done as promised. */
async function createEvidence() {
  const root = await mkdtemp(join(tmpdir(), 'photo-bridge-check-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const folder = join(root, 'results');
  await mkdir(folder);
  const items: ItemResult[] = [];
  for (const photo_id of [1, 2]) {
    const source = join(root, `${photo_id}.jpg`);
    const path = join(folder, `${photo_id}.jpg`);
    const bytes = Buffer.from(`result ${photo_id}`);
    await writeFile(source, 'source');
    await writeFile(path, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    items.push({
      photo_id,
      path: source,
      status: 'processed',
      attempts: 1,
      started_at: null,
      duration_ms: 1,
      warnings: [],
      output: { path, bytes: bytes.length, width: 1, height: 1, format: 'jpeg', sha256 },
    });
  }
  const sources = await Promise.all(items.map(({ path }) => loadStamp(path!)));
  const batch = createStatus({ status: 'completed', total_photos: 2, processed_count: 2 });
  const evidence: Evidence = { batch, items, folder, sources };
  return { evidence, folder, first: items[0]!, second: items[1]! };
}

describe('the check of the demo', () => {
  it('finds nothing when all is as promised', async () => {
    const { evidence } = await createEvidence();
    expect(await checkResults(evidence)).toEqual([]);
  });

  it('finds a result that is cut short or missing', async () => {
    const { evidence, first, second } = await createEvidence();
    await truncate(first.output!.path, 3);
    await rm(second.output!.path);
    expect(await checkResults(evidence)).toEqual([
      `${first.output!.path} is not the file that was recorded`,
      `${second.output!.path} is missing`,
    ]);
  });

  it('finds a temporary file and a second copy', async () => {
    const { evidence, folder } = await createEvidence();
    await writeFile(join(folder, '.pb-batch_0123456789ab-0-1.tmp'), '');
    await writeFile(join(folder, '1-2.jpg'), '');
    expect(await checkResults(evidence)).toHaveLength(2);
  });

  it('finds a photo counted twice and one that was lost', async () => {
    const { evidence, first } = await createEvidence();
    const twice = await checkResults({ ...evidence, items: [first, first] });
    expect(twice).toContain('two photos have the same output');
    const lost = await checkResults({ ...evidence, items: [first] });
    expect(lost).toContain('1 results for 2 photos');
  });

  it('finds a batch that did not end well and a source that was touched', async () => {
    const { evidence, first } = await createEvidence();
    await appendFile(first.path!, 'more');
    const batch = { ...evidence.batch, status: 'failed' as const };
    expect(await checkResults({ ...evidence, batch })).toEqual([
      'the batch is failed, not completed',
      `${first.path} was changed`,
    ]);
  });
});
