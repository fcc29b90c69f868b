/** What can happen to the folders of a batch while it runs, and how each trouble ends. Each scene is given a stage of its own. */
import { appendFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createDrive, type Drive } from './drive.ts';
import type { Stage } from './storage-stage.ts';

export type Scene = (stage: Stage) => Promise<void>;

export async function withDrive(
  stage: Stage,
  options: string | undefined,
  act: (drive: Drive) => Promise<void>,
) {
  const drive = await createDrive(stage.root, options);
  try {
    await act(drive);
  } finally {
    drive.remove();
  }
}

const outMoved: Scene = async (stage) => {
  const [out, away] = [join(stage.root, 'out'), join(stage.root, 'away')];
  await stage.begin(out, await stage.photos());
  await rename(out, away);
  await stage.held(/output folder is gone.*[Pp]ut it back/);
  await delay(4000);
  stage.check(!(await readdir(stage.root)).includes('out'), 'the folder was made anew');
  await rename(away, out);
  await stage.lifted();
  await stage.exactlyOnce();
};

const outRemoved: Scene = async (stage) => {
  const out = join(stage.root, 'out');
  await stage.begin(out, await stage.photos());
  await rm(out, { recursive: true, maxRetries: 10 });
  await stage.held(/output folder is gone/);
  const { processed_count } = await stage.status();
  await mkdir(out);
  await stage.lifted();
  await stage.exactlyOnce({ lost: processed_count });
};

const outBecomesFile: Scene = async (stage) => {
  const [out, away] = [join(stage.root, 'out'), join(stage.root, 'away')];
  await stage.begin(out, await stage.photos());
  await rename(out, away);
  await writeFile(out, 'a letter');
  await stage.held(/no folder is in the place/);
  stage.check((await readFile(out, 'utf8')) === 'a letter', 'the file was changed');
  await unlink(out);
  await rename(away, out);
  await stage.lifted();
  await stage.exactlyOnce();
};

const outLeadsElsewhere: Scene = async (stage) => {
  const [out, away, elsewhere] = ['out', 'away', 'elsewhere'].map((name) => join(stage.root, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(elsewhere);
  await stage.begin(out, await stage.photos());
  await rename(out, away);
  await symlink(elsewhere, out);
  await stage.held(/leads to .*elsewhere/);
  await stage.empty(elsewhere);
  await unlink(out);
  await rename(away, out);
  await stage.lifted();
  await stage.empty(elsewhere);
  await stage.exactlyOnce();
};

const outUnmounted: Scene = (stage) =>
  withDrive(stage, undefined, async (drive) => {
    await stage.begin(drive.path, await stage.photos());
    drive.pull();
    await stage.held(/drive of the output folder is not there/);
    await delay(3500);
    await stage.empty(drive.path);
    drive.plug();
    await stage.lifted();
    await stage.exactlyOnce();
  });

const outReadOnly: Scene = (stage) =>
  withDrive(stage, undefined, async (drive) => {
    await stage.begin(join(drive.path, 'out'), await stage.photos());
    drive.setReadOnly(true);
    await stage.held(/read-only/);
    drive.setReadOnly(false);
    await stage.lifted();
    await stage.exactlyOnce();
  });

const outFull: Scene = (stage) =>
  withDrive(stage, 'size=16m', async (drive) => {
    await stage.begin(join(drive.path, 'out'), await stage.photos());
    const filler = join(drive.path, 'filler');
    fill(filler, 0);
    await stage.held(/full.*[Ff]ree some room/);
    rmSync(filler);
    await stage.lifted();
    await stage.exactlyOnce();
  });

const outWithoutInodes: Scene = (stage) =>
  withDrive(stage, 'size=16m,nr_inodes=90', async (drive) => {
    await stage.begin(join(drive.path, 'out'), await stage.photos());
    const fillers = join(drive.path, 'fillers');
    await mkdir(fillers);
    untilFull((count) => writeFileSync(join(fillers, String(count)), ''));
    await stage.held(/full/);
    rmSync(fillers, { recursive: true });
    await stage.lifted();
    await stage.exactlyOnce();
  });

/** Room for an empty file, but for no photo: one hold, not one every few seconds. */
const outNearlyFull: Scene = (stage) =>
  withDrive(stage, 'size=16m', async (drive) => {
    await stage.begin(join(drive.path, 'out'), await stage.photos());
    const filler = join(drive.path, 'filler');
    fill(filler, 48 * 1024);
    await stage.held(/full/);
    // As long as four looks take.
    await delay(12_500);
    const holds = await stage.holdCount();
    stage.check(holds <= 3, `it was held ${holds} times`);
    await stage.held(/full/);
    rmSync(filler);
    await stage.lifted();
    await stage.exactlyOnce();
  });

const sourceFolderMoved: Scene = async (stage) => {
  const [photos, away] = [join(stage.root, 'photos'), join(stage.root, 'photos-away')];
  await stage.begin(join(stage.root, 'out'), await stage.photos(photos));
  await rename(photos, away);
  await stage.held(/cannot be reached: .* is gone.*put the folder back/);
  await rename(away, photos);
  await stage.lifted();
  await stage.exactlyOnce();
};

const sourceUnmounted: Scene = (stage) =>
  withDrive(stage, undefined, async (drive) => {
    await stage.begin(join(stage.root, 'out'), await stage.photos(drive.path));
    drive.pull();
    await stage.held(/the drive at .* is not there.*[Cc]onnect the drive/);
    const holds = await stage.holdCount();
    await delay(7000);
    stage.check((await stage.holdCount()) === holds, 'the hold flaps');
    drive.plug();
    await stage.lifted();
    await stage.exactlyOnce();
  });

/** Source and output on one drive, as on a card. */
const bothUnmounted: Scene = (stage) =>
  withDrive(stage, undefined, async (drive) => {
    await stage.begin(join(drive.path, 'out'), await stage.photos(join(drive.path, 'photos')));
    drive.pull();
    await stage.held(/not there|is gone/);
    await stage.empty(drive.path);
    drive.plug();
    await stage.lifted();
    await stage.exactlyOnce();
  });

/** What is missing alone fails alone. */
const onePhotoMissing: Scene = async (stage) => {
  const photos = await stage.photos();
  const last = photos.at(-1) ?? '';
  const unseen = join(stage.root, 'never', 'seen.jpg');
  await stage.begin(join(stage.root, 'out'), [...photos, unseen], { on_unknown: 'fail_item' });
  await unlink(last);
  await stage.exactlyOnce({ failed: 2 });
  const failed: string[] = [];
  for await (const photo of stage.client().batches.eachPhoto(stage.batchId, { status: 'failed' }))
    failed.push(`${photo.failure?.code}`);
  stage.check(failed.join() === 'source_missing,source_missing', `they failed with ${failed.join()}`);
  stage.check((await stage.holdCount()) === 0, 'the batch was held');
};

export const scenes: Readonly<Record<string, Scene>> = {
  outMoved,
  outRemoved,
  outBecomesFile,
  outLeadsElsewhere,
  outUnmounted,
  outReadOnly,
  outFull,
  outWithoutInodes,
  outNearlyFull,
  sourceFolderMoved,
  sourceUnmounted,
  bothUnmounted,
  onePhotoMissing,
};

/** Leaves so many bytes free. */
function fill(path: string, free: number): void {
  for (const piece of [Buffer.alloc(256 * 1024), Buffer.alloc(4096)])
    untilFull(() => appendFileSync(path, piece));
  truncateSync(path, statSync(path).size - free);
}

function untilFull(step: (count: number) => void): void {
  for (let count = 0; ; count += 1) {
    try {
      step(count);
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC') return;
      throw thrown;
    }
  }
}
