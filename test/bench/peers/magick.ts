/** ImageMagick's `-hald-clut`, with a blend of its own as its users write it, and with the blend in the table. */
import { oneThread, type Peer, type PeerProgram, type PeerWork, type Target } from './peer.ts';

export const magick: PeerProgram = {
  name: 'ImageMagick',
  package: 'imagemagick',
  probes: ['magick', '/usr/bin/convert', 'convert-im6.q16'].map((program) => ({
    program,
    args: ['-version'],
  })),
  version: /Version: ImageMagick (\S+)/,
};

/** Its own default are optimised Huffman tables: a second pass that we do not make. */
const jpeg = ['-quality', '90', '-sampling-factor', '4:2:0', '-define', 'jpeg:optimize-coding=false'];

/** Read at half or quarter size where that is enough, as `jpeg:size` lets it. */
function toSource({ photo, longEdge }: PeerWork): string[] {
  if (longEdge === null) return [photo];
  return ['-define', `jpeg:size=${longEdge}x${longEdge}`, photo, '-resize', `${longEdge}x${longEdge}`];
}

function toOutput({ path, kind }: Target): string[] {
  return kind === 'jpeg' ? [...jpeg, path] : ['-depth', '8', '-compress', 'none', path];
}

export const magickBlend: Peer = {
  program: magick,
  form: '-hald-clut, then blend',
  isFolded: false,
  starts: 'each photo',
  goal: 20,
  toCommand: (program, work, target) => {
    const developed = ['(', '-clone', '0', work.luts.hald, '-hald-clut', ')'];
    const blend = ['-compose', 'blend', '-define', 'compose:args=60', '-composite'];
    return {
      program,
      env: oneThread,
      args: [...toSource(work), ...developed, ...blend, ...toOutput(target)],
    };
  },
};

export const magickFolded: Peer = {
  ...magickBlend,
  form: '-hald-clut, blend in the CLUT',
  isFolded: true,
  toCommand: (program, work, target) => ({
    program,
    env: oneThread,
    args: [...toSource(work), work.luts.blendedHald, '-hald-clut', ...toOutput(target)],
  }),
};
