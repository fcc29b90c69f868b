import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeRegions, type Region, turnRegion } from '../../../../workers/metadata/xmp-regions.ts';

const names =
  'xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" ' +
  'xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" ' +
  'xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" ' +
  'xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#"';
const asAttributes = `<x ${names}><mwg-rs:AppliedToDimensions stDim:w="4000" stDim:h="3000" stDim:unit="pixel"/><rdf:li><mwg-rs:Area stArea:x="0.25" stArea:y="0.1" stArea:w="0.2" stArea:h="0.04" stArea:unit="normalized"/></rdf:li></x>`;
const asElements = `<x ${names}><mwg-rs:Area rdf:parseType="Resource"><stArea:x>0.25</stArea:x><stArea:y>0.1</stArea:y></mwg-rs:Area></x>`;
const size = { width: 300, height: 400 };

const share = fc.double({ min: 0, max: 1, noNaN: true });
const region: fc.Arbitrary<Region> = fc.record({ x: share, y: share, w: share, h: share });
/** Which orientation undoes one. */
const inverse: Record<number, number> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6 };

describe('a region', () => {
  it('is where it was after being turned and turned back', () => {
    fc.assert(
      fc.property(region, fc.integer({ min: 1, max: 8 }), (given, orientation) => {
        const back = turnRegion(turnRegion(given, orientation), inverse[orientation]!);
        for (const key of ['x', 'y', 'w', 'h'] as const) expect(back[key]).toBeCloseTo(given[key], 9);
      }),
    );
  });

  it.each([
    [1, 0, 0],
    [2, 1, 0],
    [3, 1, 1],
    [4, 0, 1],
    [5, 0, 0],
    [6, 1, 0],
    [7, 1, 1],
    [8, 0, 1],
  ])('at the first stored pixel goes where orientation %i shows that pixel', (orientation, x, y) => {
    expect(turnRegion({ x: 0, y: 0, w: 0, h: 0 }, orientation)).toMatchObject({ x, y });
  });
});

describe('the regions of a packet', () => {
  it('are turned, as attributes and as elements, and told for the new size', () => {
    const turned = placeRegions(asAttributes, { orientation: 6, ...size });
    expect(turned).toContain('stArea:x="0.9" stArea:y="0.25" stArea:w="0.04" stArea:h="0.2"');
    expect(turned).toContain('stDim:w="300" stDim:h="400" stDim:unit="pixel"');
    expect(placeRegions(asElements, { orientation: 6, ...size })).toContain(
      '<stArea:x>0.9</stArea:x><stArea:y>0.25</stArea:y>',
    );
  });

  it('of Microsoft are turned by their corners', () => {
    const text = `<x ${names}><rdf:li MPReg:Rectangle="0.1, 0.2, 0.3, 0.4"/></x>`;
    expect(placeRegions(text, { orientation: 6, ...size })).toContain('MPReg:Rectangle="0.4, 0.1, 0.4, 0.3"');
  });

  it('stay where nothing is turned, or where they are in pixels', () => {
    expect(placeRegions(asAttributes, { orientation: 1, width: 4000, height: 3000 })).toBe(asAttributes);
    const inPixels = asElements.replace('</stArea:y>', '</stArea:y><stArea:unit>pixel</stArea:unit>');
    expect(placeRegions(inPixels, { orientation: 6, ...size })).toBe(inPixels);
  });

  it('are looked for in any text without a throw or an endless search', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.integer({ min: 1, max: 8 }), (noise, orientation) => {
        placeRegions(`<x ${names}><mwg-rs:Area ${noise}`, { orientation, ...size });
      }),
    );
    const many = `<x ${names}>${'<mwg-rs:Area stArea:x="'.repeat(20_000)}`;
    expect(placeRegions(many, { orientation: 6, ...size })).toBe(many);
    const rectangles = `<x ${names}>${'MPReg:Rectangle="'.repeat(50_000)}`;
    expect(placeRegions(rectangles, { orientation: 6, ...size })).toBe(rectangles);
  });
});
