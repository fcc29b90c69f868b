/** Which sharp and libvips this process decodes with. */
import { sharp } from './sharp-setup.ts';

export const versions = { sharp: sharp.versions.sharp, libvips: sharp.versions.vips };
