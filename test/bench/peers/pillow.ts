/** Pillow's `Color3DLUT` and `Image.blend`, in the few lines that a person would write. */
import { fileURLToPath } from 'node:url';
import { BLEND } from './lut-files.ts';
import type { Peer, PeerProgram } from './peer.ts';

const script = fileURLToPath(new URL('./pillow-script.py', import.meta.url));

const pillow: PeerProgram = {
  name: 'Pillow',
  package: 'python3-pil',
  // Only Debian's own python sees Debian's packages where another comes first.
  probes: ['/usr/bin/python3', 'python3'].map((program) => ({
    program,
    args: ['-c', 'import PIL; print("Pillow", PIL.__version__)'],
  })),
  version: /Pillow (\S+)/,
};

export const pillowBlend: Peer = {
  program: pillow,
  form: 'Color3DLUT, then Image.blend',
  isFolded: false,
  starts: 'once',
  goal: 2,
  toCommand: (program, { photo, longEdge, luts }, { path }) => ({
    program,
    args: [script, photo, luts.cube, String(BLEND / 100), String(longEdge ?? 0), path],
  }),
};

export const pillowFolded: Peer = {
  ...pillowBlend,
  form: 'Color3DLUT, blend in the table',
  isFolded: true,
  toCommand: (program, { photo, longEdge, luts }, { path }) => ({
    program,
    args: [script, photo, luts.blendedCube, '1', String(longEdge ?? 0), path],
  }),
};
