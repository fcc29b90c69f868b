/** RawTherapee's film simulation with the HaldCLUT at strength 60, which mixes encoded values as our blend does. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BLEND } from './lut-files.ts';
import { oneThread, type Peer, type PeerWork } from './peer.ts';

const profileOf = ({ folder }: PeerWork): string => join(folder, 'look.pp3');

/** All that is not named stays neutral. */
function toProfile({ luts, longEdge }: PeerWork): string {
  const film = ['[Film Simulation]', 'Enabled=true', `ClutFilename=${luts.hald}`, `Strength=${BLEND}`];
  const box = [`Width=${longEdge}`, `Height=${longEdge}`, 'DataSpecified=3', 'Method=Lanczos'];
  const resize = longEdge === null ? [] : ['[Resize]', 'Enabled=true', 'AppliesTo=Full image', ...box];
  return `${['[Version]', 'AppVersion=5.9', 'Version=349', ...film, ...resize].join('\n')}\n`;
}

export const rawtherapee: Peer = {
  program: {
    name: 'rawtherapee-cli',
    package: 'rawtherapee',
    probes: [{ program: 'rawtherapee-cli', args: ['-v'] }],
    version: /RawTherapee, version ([^\s,]+)/,
  },
  form: 'film simulation, strength 60',
  isFolded: false,
  // It takes many photos.
  starts: 'once',
  goal: 20,
  prepare: (work) => writeFileSync(profileOf(work), toProfile(work)),
  toCommand: (program, work, { path, kind }) => {
    const { folder, photo } = work;
    const output = kind === 'jpeg' ? ['-j90', '-js1'] : ['-t', '-b8'];
    return {
      program,
      env: { ...oneThread, HOME: folder, RT_SETTINGS: folder, RT_CACHE: join(folder, 'cache') },
      args: ['-q', '-o', path, '-p', profileOf(work), ...output, '-Y', '-c', photo],
    };
  },
};
