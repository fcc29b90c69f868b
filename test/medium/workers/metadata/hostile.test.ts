import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { outputFormats } from '../../../../bridge/contract/failure.ts';
import { attachMetadata } from '../../../../workers/metadata/attach.ts';
import { prepareMetadata } from '../../../../workers/metadata/prepare.ts';
import { srgbProfile } from '../../../../workers/metadata/profiles.ts';
import { readSourceMetadata } from '../../../../workers/metadata/read.ts';
import { encode, makePixels } from '../../../helpers/images.ts';
import { cameraExif, damaged, iimDataset, xmpPacket } from '../../../unit/workers/metadata/blocks.ts';

const options = { policy: 'keep', width: 8, height: 8, colour: 'srgb' } as const;
const blocks = {
  exif: cameraExif('II'),
  xmp: Buffer.from(xmpPacket(`xmp:Rating="4" xmp:Label="${'x'.repeat(70_000)}"`)),
  iptc: iimDataset(2, 25, 'keyword'),
};

describe.each(outputFormats)('a damaged %s', (format) => {
  let plain: Buffer;
  let file: Buffer;
  beforeAll(async () => {
    plain = await encode(makePixels({ width: 16, height: 16, channels: 4 }), { format });
    file = Buffer.concat(attachMetadata({ encoded: plain, format, blocks, icc: srgbProfile() }).pieces);
  });

  it('is read without a throw, and what is read can be prepared and attached', () => {
    fc.assert(
      fc.property(damaged(file), (bytes) => {
        const found = readSourceMetadata(bytes, { exif: bytes, xmp: bytes, iptc: bytes });
        const prepared = prepareMetadata(found, options);
        attachMetadata({ encoded: plain, format, blocks: prepared, icc: bytes });
      }),
      { numRuns: 150 },
    );
  });

  it('is given metadata without a throw', () => {
    fc.assert(
      fc.property(damaged(plain), damaged(file), (bytes, more) => {
        for (const encoded of [bytes, more]) attachMetadata({ encoded, format, blocks, icc: srgbProfile() });
      }),
      { numRuns: 150 },
    );
  });

  it('comes back unchanged, with a warning, when it is no such file at all', () => {
    const encoded = Buffer.from('something else');
    const { pieces, warnings } = attachMetadata({ encoded, format, blocks, icc: null });
    expect([Buffer.concat(pieces), warnings.length]).toEqual([encoded, 1]);
  });
});
