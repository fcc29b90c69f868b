/** ffmpeg's `lut3d` (tetrahedral) with its `blend`, on planar RGB where both filters have their fastest code. */
import type { Peer, PeerProgram, PeerWork, Target } from './peer.ts';

const ffmpeg: PeerProgram = {
  name: 'ffmpeg',
  package: 'ffmpeg',
  probes: [{ program: 'ffmpeg', args: ['-version'] }],
  version: /ffmpeg version (\S+)/,
};

const threads = ['-threads', '1', '-filter_threads', '1', '-filter_complex_threads', '1'];

function toArgs({ photo }: PeerWork, filters: string, { path, kind }: Target): string[] {
  // Its encoder has no quality 90: scale 2 comes closest in size. `default`: Huffman tables that are not optimised, like ours.
  const jpeg = ['-pix_fmt', 'yuvj420p', '-q:v', '2', '-huffman', 'default'];
  const exact = ['-pix_fmt', 'rgb24', '-compression_algo', 'raw'];
  const encoder = kind === 'jpeg' ? jpeg : exact;
  const input = ['-v', 'error', '-y', ...threads, '-i', photo];
  return [...input, '-filter_complex', filters, '-threads', '1', ...encoder, path];
}

function resized({ longEdge }: PeerWork): string {
  const size = `w=${longEdge}:h=${longEdge}`;
  return longEdge === null ? '' : `scale=${size}:force_original_aspect_ratio=decrease:flags=lanczos,`;
}

export const ffmpegBlend: Peer = {
  program: ffmpeg,
  form: 'lut3d, then blend',
  isFolded: false,
  starts: 'each photo',
  goal: 3,
  toCommand: (program, work, target) => {
    const split = `${resized(work)}format=gbrp,split[from][to]`;
    const lut = `[to]lut3d=file=${work.luts.cube}:interp=tetrahedral[developed]`;
    const blend = '[developed][from]blend=all_mode=normal:all_opacity=0.6';
    return { program, args: toArgs(work, `${split};${lut};${blend}`, target) };
  },
};

export const ffmpegFolded: Peer = {
  program: ffmpeg,
  form: 'lut3d, blend in the .cube',
  isFolded: true,
  starts: 'each photo',
  toCommand: (program, work, target) => {
    const filters = `${resized(work)}format=gbrp,lut3d=file=${work.luts.blendedCube}:interp=tetrahedral`;
    return { program, args: toArgs(work, filters, target) };
  },
};
