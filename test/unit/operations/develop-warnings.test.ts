/** What a batch says when its preset asks for more than can be done. */
import { describe, expect, it } from 'vitest';
import {
  createDevelopOperation,
  type DevelopOperationParts,
} from '../../../bridge/operations/develop/operation.ts';

/** Preparing asks for nothing else. */
const operationWith = (notHonoured: readonly string[]) =>
  createDevelopOperation({
    paths: { source: async () => null, outputFolder: async () => null },
    presets: {
      resolve: async () => ({ recipe: { kind: 'native', name: 'Film', preset: {} }, hash: 'h', notHonoured }),
      toTask: (recipe) => recipe,
    },
    outputsDir: '/outputs',
  } as Partial<DevelopOperationParts> as DevelopOperationParts);

describe('preparing a batch', () => {
  it('says everything that is not honoured in one warning', async () => {
    const { warnings } = await operationWith(['grain', 'lens corrections']).prepare('batch_0', {
      preset: 'Film',
    });
    expect(warnings).toEqual(['preset "Film": not honoured: grain; lens corrections']);
  });

  it('warns of nothing when all is honoured', async () => {
    expect((await operationWith([]).prepare('batch_0', { preset: 'Film' })).warnings).toEqual([]);
  });
});
