/** Applies the metadata policy: from what a source has to what its output gets. Never touches the colour profile. */
import { lost } from './attach-warnings.ts';
import { copyrightExif, keepExif } from './exif-edit.ts';
import { copyrightIptc } from './iptc.ts';
import type { PreparedMetadata, PrepareOptions, SourceMetadata } from './types.ts';
import { copyrightXmp, keepXmp } from './xmp-edit.ts';

const SOFTWARE = 'Photo Bridge';

/** `warnings` say what the policy would keep and could not; those of `source` are among them. */
export function prepareMetadata(source: SourceMetadata, options: PrepareOptions): PreparedMetadata {
  switch (options.policy) {
    case 'strip':
      return { exif: null, xmp: null, iptc: null, gainMap: null, warnings: [] };
    case 'copyright': {
      const { exif, warnings } = copyrightExif(source.exif);
      const iptc = source.iptc && copyrightIptc(source.iptc);
      return { exif, xmp: copyrightXmp(source.xmp), iptc, gainMap: null, warnings };
    }
    case 'keep': {
      const kept = {
        ...options,
        software: options.software ?? SOFTWARE,
      };
      const { exif, warnings } = keepExif(source.exif, kept);
      const xmp = keepXmp(source.xmp, kept);
      return {
        exif,
        xmp: xmp.xmp,
        iptc: source.iptc,
        ...preparedGainMap(source.gainMap, [...source.warnings, ...warnings, ...xmp.warnings]),
      };
    }
  }
}

function preparedGainMap(
  found: SourceMetadata['gainMap'],
  warnings: string[],
): Pick<PreparedMetadata, 'gainMap' | 'warnings'> {
  if (found === 'damaged') return { gainMap: null, warnings: [...warnings, lost.damagedGainMap] };
  if (found === 'foreign') return { gainMap: null, warnings: [...warnings, lost.foreignGainMap] };
  return { gainMap: found, warnings };
}
