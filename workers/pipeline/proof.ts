/** A small JPEG of a photo for a person who waits: thumbnails and previews. Writes nothing. */
import type { ProofOutcome, ProofTask } from '../../bridge/contract/host-messages.ts';
import type { Look } from '../../bridge/presets/look.ts';
import { planColour } from '../colour/colour-plan.ts';
import { toWorking } from '../colour/to-working.ts';
import { applyLook, seedOf } from './apply-look.ts';
import { decodePixels, isProfileFault } from './decode.ts';
import { encodePixels } from './encode.ts';
import type { Header } from './header.ts';
import { openSource } from './open-source.ts';
import { copyPixels, type PhotoProxy, toShared } from './photo-proxy.ts';
import type { OnSize } from './picture.ts';
import { type Pixels, toEightBits } from './pixels.ts';
import { readSource } from './read-source.ts';
import { targetSize } from './target-size.ts';
import { toFailure } from './task-failure.ts';
import { startTiming } from './timing.ts';

export type ProofContext = {
  look: Look | null;
  slots?: Int32Array;
  onSize: OnSize;
  /** The photo, when it was decoded before. */
  proxy?: PhotoProxy | null;
  /** Told what was decoded, when it may be kept. */
  onProxy?(proxy: PhotoProxy): void;
};

/** sRGB, transparency on white, never enlarged. */
export async function proof(task: ProofTask, context: ProofContext): Promise<ProofOutcome> {
  const timing = startTiming();
  try {
    const { pixels, scale, seed } = await openPixels(task, context);
    const use = { blend: task.blend, scale, seed };
    if (context.look !== null && task.blend > 0) applyLook(pixels, context.look, use);
    const jpeg = await encodePixels(pixels, {
      format: 'jpeg',
      quality: task.quality,
      chroma: '4:2:0',
      sharpen: 'none',
      depth: 8,
      flatten: pixels.channels === 4,
    });
    return { ok: true, ...timing(), jpeg: new Uint8Array(jpeg), width: pixels.width, height: pixels.height };
  } catch (error) {
    return { ok: false, ...timing(), failure: toFailure(error, 'run') };
  }
}

/** The photo small, sRGB and 8 bits: from its proxy, else from the file. The pixels are the caller's own. */
async function openPixels(
  task: ProofTask,
  context: ProofContext,
): Promise<{ pixels: Pixels; scale: number; seed: number }> {
  const { proxy = null } = context;
  if (proxy !== null) return { ...proxy, pixels: copyPixels(proxy) };
  const source = readSource(task.source.path, task.limits.max_bytes, task.source.within);
  const { bytes, header } = await openSource({
    bytes: source.bytes,
    limits: task.limits,
    longEdge: task.long_edge,
    rawEngine: 'auto',
    slots: context.slots ?? new Int32Array(1),
    onSize: context.onSize,
  });
  const pixels = toEightBits(await decodeSmall(task, bytes, header));
  const use = { scale: pixels.width / header.width, seed: seedOf(bytes) };
  if (task.source.state !== undefined) context.onProxy?.(toShared(pixels, use));
  return { pixels, ...use };
}

async function decodeSmall(task: ProofTask, bytes: Buffer, header: Header): Promise<Pixels> {
  const colour = planColour(header, 'srgb', true);
  const size = targetSize(header, { long_edge: task.long_edge, enlarge: false });
  const request = {
    bytes,
    header,
    size,
    maxPixels: task.limits.max_pixels,
    ignoreProfile: colour.ignoreProfile,
    isInks: colour.decoded.kind === 'inks',
  };
  try {
    return toWorking(await decodePixels(request), colour);
  } catch (error) {
    if (colour.ignoreProfile || !isProfileFault(error)) throw error;
    return decodeSmall(task, bytes, { ...header, profile: null });
  }
}
