/** Opens a raw photo: checks that the file is whole, then lets the first engine develop it that can. */
import type { RawEngine } from '../../bridge/contract/settings.ts';
import { assertPixels } from '../pipeline/header.ts';
import type { OpenRequest, Picture } from '../pipeline/picture.ts';
import type { Size } from '../pipeline/target-size.ts';
import { TaskFailure } from '../pipeline/task-failure.ts';
import type { SniffedRaw } from '../sniff/sniffed.ts';
import { checkDeveloped } from './check-developed.ts';
import { decodeInThread } from './engine-thread.ts';
import { toBuffer } from './open-heif.ts';
import { openPreview, pickPreview } from './preview.ts';
import { darktable, developWith, isInstalled, type Program, rawtherapee } from './programs/develop-with.ts';
import { type RawFile, toUpright } from './raw-file/raw-file.ts';
import { readRawFile } from './raw-file/read-raw-file.ts';

type Engine = Exclude<RawEngine, 'auto'>;
/** Best first; after an engine that was asked for by name the others follow, with a warning. */
const order: readonly Engine[] = ['darktable', 'rawtherapee', 'libraw', 'preview'];
const programs: Readonly<Partial<Record<Engine, Program>>> = { darktable, rawtherapee };

/** What a program may take for a photo: darktable took 4 seconds of one core for 12 megapixels. */
const PROGRAM_BASE_S = 60;
const PROGRAM_S_PER_MEGAPIXEL = 4;
/** What handing over and reading back may take. */
const HANDLING_S = 30;

type RawPhoto = {
  sniffed: SniffedRaw;
  raw: RawFile;
  /** Upright; null when the structure does not say. */
  size: Size | null;
  request: OpenRequest;
};
type Attempt = { ok: true; picture: Picture } | { ok: false; said: string };

/** Throws TaskFailure: `damaged_image` for a file that is not whole, whatever preview it may hold. */
export async function openRaw(sniffed: SniffedRaw, request: OpenRequest): Promise<Picture> {
  const read = readRawFile(request.bytes, sniffed.family);
  const raw = { ...read, blocks: { ...read.blocks, orientation: read.orientation } };
  if (raw.fault !== null) {
    throw new TaskFailure('damaged_image', 'decode', `It is damaged or cut short: ${raw.fault}.`);
  }
  const size = raw.size === null ? null : toUpright(raw.size, raw.orientation);
  if (size !== null) assertPixels(size.width * size.height, request.limits.max_pixels);
  const photo = { sniffed, raw, size, request };
  request.onSize(toMegapixels(photo));
  const small = request.longEdge === null ? null : pickPreview(raw, request.longEdge);
  if (small !== null) return openPreview(small, raw, request);
  const said: string[] = [];
  for (const engine of await toOrder(request)) {
    const attempt = await tryEngine(engine, photo);
    if (attempt.ok) return withReasons(attempt.picture, said);
    said.push(attempt.said);
  }
  throw new TaskFailure(
    'unsupported_format',
    'decode',
    `This is ${sniffed.what} that no engine can develop: ${said.join('; ')}.`,
  );
}

/** A picture of known size may be of a file that states none: a byte a pixel is what most raw files come to. */
function toMegapixels({ size, request }: RawPhoto): number {
  return (size === null ? request.bytes.length : size.width * size.height) / 1e6;
}

/** Programs that are not installed are passed over in silence, unless asked for. Somebody who waits gets the fast one. */
async function toOrder({ rawEngine, longEdge }: OpenRequest): Promise<Engine[]> {
  if (longEdge !== null) return ['libraw', 'darktable', 'rawtherapee', 'preview'];
  const engines: Engine[] = rawEngine === 'auto' ? [] : [rawEngine];
  for (const engine of order) {
    if (engines.includes(engine)) continue;
    const program = programs[engine];
    if (program === undefined || (await isInstalled(program))) engines.push(engine);
  }
  return engines;
}

async function tryEngine(engine: Engine, photo: RawPhoto): Promise<Attempt> {
  switch (engine) {
    case 'darktable':
    case 'rawtherapee':
      return tryProgram(engine === 'darktable' ? darktable : rawtherapee, photo);
    case 'libraw':
      return tryLibRaw(photo);
    case 'preview':
      return tryPreview(photo);
  }
}

async function tryProgram(program: Program, photo: RawPhoto): Promise<Attempt> {
  const { sniffed, size, raw, request } = photo;
  const megapixels = toMegapixels(photo);
  const seconds = PROGRAM_BASE_S + PROGRAM_S_PER_MEGAPIXEL * megapixels;
  const allow = (waited: number) =>
    request.onSize(megapixels, { extraSeconds: waited + seconds + HANDLING_S });
  allow(0);
  const result = await developWith(program, {
    bytes: request.bytes,
    extension: sniffed.extension,
    deadlineMs: seconds * 1000,
    slots: request.slots,
    onWait: allow,
  });
  if (!result.ok) return result;
  const checked = await checkDeveloped(result.file, size, request.limits);
  if (!checked.ok) return { ok: false, said: `with ${program.name} it ${checked.said}` };
  const { file, engine } = result;
  return {
    ok: true,
    picture: { bytes: file, header: checked.header, blocks: raw.blocks, engine, warnings: [] },
  };
}

async function tryLibRaw({ raw, size, request }: RawPhoto): Promise<Attempt> {
  const { bytes, limits, longEdge } = request;
  try {
    const image = await decodeInThread(
      { kind: 'raw', bytes, maxPixels: limits.max_pixels, longEdge },
      ({ width, height }) => request.onSize((width * height) / 1e6),
    );
    const file = toBuffer(image.file);
    const checked = await checkDeveloped(file, longEdge === null ? size : null, limits);
    if (!checked.ok) {
      throw new TaskFailure('damaged_image', 'decode', `It is damaged or cut short: it ${checked.said}.`);
    }
    const { version: engine, warnings } = image;
    return {
      ok: true,
      picture: { bytes: file, header: checked.header, blocks: raw.blocks, engine, warnings },
    };
  } catch (error) {
    if (!(error instanceof TaskFailure) || !hasWayOut(error)) throw error;
    return { ok: false, said: error.message.replace(/\.$/, '') };
  }
}

/** A camera that LibRaw does not know, or a fault of its own: the preview may still do. */
function hasWayOut({ failure }: TaskFailure): boolean {
  return failure.code === 'unsupported_format' || failure.code === 'decoder_crash';
}

async function tryPreview({ raw, request }: RawPhoto): Promise<Attempt> {
  const preview = pickPreview(raw, null);
  if (preview === null) return { ok: false, said: 'the file holds no preview' };
  const picture = await openPreview(preview, raw, request);
  const { width, height } = picture.header;
  const warning = `It was not developed: the picture is the ${width} x ${height} preview that its camera made.`;
  return { ok: true, picture: { ...picture, warnings: [warning] } };
}

function withReasons(picture: Picture, said: readonly string[]): Picture {
  if (said.length === 0) return picture;
  const warning = `Developed by ${picture.engine}, for ${said.join('; ')}.`;
  return { ...picture, warnings: [...picture.warnings, warning] };
}
