/** Bits flipped in the logs beside the batches: the catalog of photos and the records of outputs. In process. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../bridge/log.ts';
import { openCatalog } from '../../bridge/photos/catalog.ts';
import { openAppendLog } from '../../bridge/store/append-log.ts';
import { keepDamage } from '../../bridge/store/batch-store.ts';
import { createOutputFiles } from '../../bridge/store/output-files.ts';
import { createQuarantine } from '../../bridge/store/quarantine.ts';
import { type Figures, noFigures } from './campaign.ts';
import { createRandom, type Random } from './random.ts';

const ENTRIES = 10;
const log = createLog('silent');

/** Of each log, `count` times: all entries but the one that was hit are there, and what was cut out is kept. */
export async function flipLogs({ seed, count }: { seed: number; count: number }): Promise<Figures> {
  const figures = noFigures();
  const random = createRandom(seed);
  const root = mkdtempSync(join(tmpdir(), 'log-bytes-'));
  for (const kind of [catalogOf, recordsOf]) {
    const folder = join(root, kind.name);
    mkdirSync(folder);
    const { path, read } = await kind(folder);
    const whole = readFileSync(path);
    const before = await read();
    for (let round = 0; round < count; round += 1) {
      const name = flip(path, whole, random);
      const after = await read().catch((thrown: unknown) => [`did not open: ${thrown}`]);
      figures.faults += 1;
      const lost = before.filter((entry) => !after.includes(entry));
      const invented = after.filter((entry) => !before.includes(entry));
      if (lost.length > 1) figures.lostPhotos += lost.length - 1;
      if (lost.length > 1 || invented.length > 0)
        figures.problems.push(
          `${kind.name}, ${name}: lost ${lost.join(', ')}; invented ${invented.join(', ')}`,
        );
      const kept = join(folder, 'quarantine');
      if (kind === catalogOf && lost.length > 0 && !existsSync(kept))
        figures.problems.push(`${kind.name}, ${name}: nothing is in the quarantine`);
      rmSync(kept, { recursive: true, force: true });
    }
  }
  rmSync(root, { recursive: true });
  return figures;
}

function flip(path: string, whole: Buffer, random: Random): string {
  const bytes = Buffer.from(whole);
  const [at, bit] = [random.whole(0, bytes.length), random.whole(0, 8)];
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  writeFileSync(path, bytes);
  return `bit ${bit} of byte ${at} flipped`;
}

/** `read` opens it anew and answers one text an entry. */
type LogUnderFault = { path: string; read: () => Promise<string[]> };

async function catalogOf(folder: string): Promise<LogUnderFault> {
  const path = join(folder, 'catalog.log');
  const onDamage = keepDamage(createQuarantine(join(folder, 'quarantine')), log);
  const open = () =>
    openCatalog({
      path,
      wallMs: () => 0,
      openLog: (file, onRecord) => openAppendLog(file, onRecord, { onDamage }),
    });
  const catalog = await open();
  const identity = { dev: 1, ino: 1, born: 1, size: 1, modified: 1 };
  await catalog.add(
    Array.from({ length: ENTRIES }, (_, index) => ({
      path: `/photos/${index}.jpg`,
      identity: { ...identity, ino: index },
    })),
  );
  await catalog.close();
  return {
    path,
    async read() {
      const again = await open();
      const ids = Array.from({ length: ENTRIES }, (_, index) => index + 1);
      const records = await Promise.all(ids.map((id) => again.record(id)));
      await again.close();
      return records.flatMap((record) => (record === null ? [] : [JSON.stringify(record)]));
    },
  };
}

async function recordsOf(folder: string): Promise<LogUnderFault> {
  const open = () => createOutputFiles({ dataDir: folder, log });
  const names = Array.from({ length: ENTRIES }, (_, index) => `${index}.jpg`);
  const { files, close } = open();
  for (const name of names)
    await files.saveRecord('/out', name, {
      source_sha256: name,
      recipe_hash: 'r',
      output_sha256: 'o',
      bytes: 1,
    });
  await close();
  const written =
    readdirSync(join(folder, 'output_records')).find((name) => /^[0-9a-f]{32}\.log$/.test(name)) ?? '';
  return {
    path: join(folder, 'output_records', written),
    async read() {
      const again = open();
      const records = await Promise.all(names.map((name) => again.files.readRecord('/out', name)));
      await again.close();
      return records.flatMap((record) => (record === null ? [] : [JSON.stringify(record)]));
    },
  };
}
