/** The programs of the benchmark, in the order of its tables. */
import { darktable } from './darktable.ts';
import { ffmpegBlend, ffmpegFolded } from './ffmpeg.ts';
import { graphicsmagick } from './graphicsmagick.ts';
import { magickBlend, magickFolded } from './magick.ts';
import type { Peer } from './peer.ts';
import { pillowBlend, pillowFolded } from './pillow.ts';
import { rawtherapee } from './rawtherapee.ts';

export const allPeers: readonly Peer[] = [
  magickBlend,
  magickFolded,
  rawtherapee,
  darktable,
  ffmpegBlend,
  ffmpegFolded,
  graphicsmagick,
  pillowBlend,
  pillowFolded,
];
