/** The texts that cells of a workbook share, found by number and decoded only when asked for. */
import { createPace } from './pace.ts';
import { scanTags, toText } from './xml-scan.ts';

export type SharedStrings = (index: number) => string;

export async function readSharedStrings(xml: string): Promise<SharedStrings> {
  const ranges: number[] = [];
  const pace = createPace();
  let start = 0;
  for (const tag of scanTags(xml)) {
    if (tag.name !== 'si') continue;
    if (tag.kind === 'open') start = tag.end;
    else ranges.push(tag.kind === 'empty' ? tag.end : start, tag.kind === 'empty' ? tag.end : tag.start);
    await pace();
  }
  return (index) => readRichText(xml, ranges[index * 2] ?? 0, ranges[index * 2 + 1] ?? 0);
}

/** All `t` of a string, those of formatted runs too, but not those that only say how it is pronounced (`rPh`). */
export function readRichText(xml: string, from: number, to: number): string {
  let text = '';
  let start = -1;
  let isSound = false;
  for (const { name, kind, start: tagStart, end } of scanTags(xml, from, to)) {
    if (name === 'rPh') isSound = kind === 'open';
    if (name !== 't' || isSound) continue;
    if (kind === 'open') start = end;
    else if (kind === 'close' && start >= 0) text += toText(xml.slice(start, tagStart));
  }
  // Line ends and control characters stand in this form (ECMA-376 Part 1, 22.9.2.19, ST_Xstring).
  return text.replace(/_x([\dA-Fa-f]{4})_/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}
