/** Keeps V8's collector from running for every photo. Never holds memory itself. */
import { setFlagsFromString } from 'node:v8';

/**
 * V8 marks a thread's whole heap whenever 64 MB outside of it have come since the last time: with photos of 22 megapixels
 * once a photo, a twentieth of all CPU time. The pipeline gives such memory back by itself (`releaseMemory`), so it may
 * count with everything else. Before the threads start; the flag is known to exist in Node 24's V8 only.
 */
export function calmCollector(): void {
  if (process.versions.v8.startsWith('13.')) {
    setFlagsFromString('--external-memory-accounted-in-global-limit');
  }
}
