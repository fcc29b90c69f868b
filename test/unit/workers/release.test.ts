import { describe, expect, it } from 'vitest';
import { releaseMemory } from '../../../workers/pipeline/release.ts';

describe('releasing memory', () => {
  it('empties an array that has its memory for itself, 8 or 16 bits', () => {
    for (const array of [Buffer.allocUnsafeSlow(9000), new Uint16Array(4500)]) {
      releaseMemory(array);
      expect(array.length).toBe(0);
    }
  });

  it('leaves a slice of something larger as it is', () => {
    const whole = new Uint8Array(100).fill(7);
    releaseMemory(whole.subarray(10, 20));
    expect(whole).toEqual(new Uint8Array(100).fill(7));
  });
});
