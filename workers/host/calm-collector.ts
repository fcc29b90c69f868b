/** Keeps V8's collector from running for every photo. Never holds memory itself. */
import { setFlagsFromString } from 'node:v8';

/**
 * How much a thread's heap and the photos it holds may grow before the next collection, in percent of what the last one left. By itself
 * V8 allows so small a heap 8 MB, which one small photo fills: every seventh was followed by a collection of 40 ms.
 */
const GROWTH_PERCENT = 300;

/**
 * V8 marks a thread's whole heap whenever 64 MB outside of it have come since the last time: with photos of 22 megapixels
 * once a photo, a twentieth of all CPU time. The pipeline gives such memory back by itself (`releaseMemory`), so it may
 * count with everything else. Before the threads start; the flags are known to exist in Node 24's V8 only.
 */
export function calmCollector(): void {
  if (process.versions.v8.startsWith('13.')) {
    setFlagsFromString('--external-memory-accounted-in-global-limit');
    setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  }
}
