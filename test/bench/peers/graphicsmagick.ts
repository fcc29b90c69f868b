/** GraphicsMagick's `-hald-clut`. It has no blend by a share, so the blend is in the table. */
import { oneThread, type Peer } from './peer.ts';

export const graphicsmagick: Peer = {
  program: {
    name: 'GraphicsMagick',
    package: 'graphicsmagick',
    probes: [{ program: 'gm', args: ['version'] }],
    version: /GraphicsMagick (\S+)/,
  },
  form: '-hald-clut, blend in the CLUT',
  isFolded: true,
  // `gm mogrify` and `gm batch` take many photos.
  starts: 'once',
  goal: 2.5,
  toCommand: (program, { photo, longEdge, luts }, { path, kind }) => {
    const size = `${longEdge}x${longEdge}`;
    const source = longEdge === null ? [photo] : ['-size', size, photo, '-resize', size];
    const jpeg = ['-quality', '90', '-sampling-factor', '2x2', '-define', 'jpeg:optimize-coding=false'];
    const output = kind === 'jpeg' ? [...jpeg, path] : ['-depth', '8', '-compress', 'None', path];
    return {
      program,
      env: oneThread,
      args: ['convert', ...source, '-hald-clut', luts.blendedHald, ...output],
    };
  },
};
