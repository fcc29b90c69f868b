/**
 * darktable's module "LUT 3D" with the blended HaldCLUT, by a sidecar. Its own blend mixes linear light, which is another picture;
 * so the blend is in the table. It works in its own colour space: to Lab, to the table's sRGB, and back.
 */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { oneThread, type Peer, type PeerWork } from './peer.ts';

/** Field lengths of the module's parameters, version 3. */
const PATH_BYTES = 512;
const COMPRESSED_TABLE_BYTES = 2048 * 2 * 3;
const NAME_BYTES = 128;

const sidecarOf = ({ folder }: PeerWork): string => join(folder, 'look.xmp');

/** Path below the tables' folder; then sRGB, tetrahedral, no compressed table: all 0. */
function toParameters(path: string): string {
  const bytes = Buffer.alloc(PATH_BYTES + 3 * 4 + COMPRESSED_TABLE_BYTES + NAME_BYTES);
  bytes.write(path, 0, PATH_BYTES - 1, 'utf8');
  return bytes.toString('hex');
}

function toSidecar(parameters: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:darktable="http://darktable.sf.net/" darktable:xmp_version="5"
   darktable:raw_params="0" darktable:auto_presets_applied="1" darktable:history_end="1" darktable:iop_order_version="2">
   <darktable:history><rdf:Seq><rdf:li darktable:num="0" darktable:operation="lut3d" darktable:enabled="1"
    darktable:modversion="3" darktable:params="${parameters}" darktable:multi_name="" darktable:multi_priority="0"/></rdf:Seq></darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
`;
}

const settings = [
  'plugins/imageio/format/jpeg/quality=90',
  'plugins/imageio/format/tiff/bpp=8',
  'plugins/imageio/format/tiff/compress=0',
  'plugins/darkroom/workflow=none',
  'write_sidecar_files=never',
];

export const darktable: Peer = {
  program: {
    name: 'darktable-cli',
    package: 'darktable',
    probes: [{ program: 'darktable-cli', args: ['--version'] }],
    version: /darktable-cli (\S+)/,
  },
  form: 'LUT 3D, blend in the CLUT',
  isFolded: true,
  // It takes a folder, too.
  starts: 'once',
  goal: 10,
  prepare: (work) => writeFileSync(sidecarOf(work), toSidecar(toParameters(basename(work.luts.blendedHald)))),
  toCommand: (program, work, { path }) => {
    const { folder, photo, longEdge, luts } = work;
    const size = longEdge === null ? [] : ['--width', String(longEdge), '--height', String(longEdge)];
    const own = ['--library', ':memory:', '--configdir', join(folder, 'config'), '--cachedir', folder];
    const all = [...settings, `plugins/darkroom/lut3d/def_path=${luts.folder}`];
    const core = ['--core', ...own, '--tmpdir', folder, '-t', '1', '--disable-opencl'];
    const output = [path, ...size, '--apply-custom-presets', 'false', '--icc-type', 'SRGB'];
    return {
      program,
      env: { ...oneThread, HOME: folder },
      args: [photo, sidecarOf(work), ...output, ...core, ...all.flatMap((setting) => ['--conf', setting])],
    };
  },
};
