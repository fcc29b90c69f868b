import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPathPolicy, type PathRules } from '../../../bridge/photos/path-policy.ts';
import { openTempLibrary, type TempLibrary } from './temp-library.ts';

let library: TempLibrary;
let rules: PathRules;
beforeEach(async () => {
  library = await openTempLibrary();
  for (const folder of ['in', 'out', 'else']) mkdirSync(join(library.root, folder));
  rules = {
    mode: 'listed',
    sourceFolders: [join(library.root, 'in')],
    outputFolders: [join(library.root, 'out'), join(library.root, 'to-be-made')],
  };
});
afterEach(() => library.remove());

describe('where outputs may go', () => {
  it('is a listed folder or one inside it, also one that does not exist yet', async () => {
    const policy = createPathPolicy(() => rules);
    for (const name of ['out', 'out/deep/er', 'in/developed', 'to-be-made/x']) {
      expect(await policy.outputFolder(join(library.root, name))).toBeNull();
    }
    for (const name of ['else', 'else/new', 'output', 'out/../else', '']) {
      expect(await policy.outputFolder(join(library.root, name))).toContain('output.folders');
    }
    expect(await policy.outputFolder('out')).toContain('relative');
  });

  it('is not behind a link that leads out, also one that leads nowhere yet', async () => {
    const policy = createPathPolicy(() => rules);
    symlinkSync(join(library.root, 'else'), join(library.root, 'out/link'));
    symlinkSync(join(library.root, 'else/later'), join(library.root, 'out/dangling'));
    for (const name of ['out/link', 'out/link/new', 'out/dangling', 'out/dangling/new']) {
      expect(await policy.outputFolder(join(library.root, name))).not.toBeNull();
    }
  });

  it('is anywhere when any path is allowed, and the rules count at once', async () => {
    const policy = createPathPolicy(() => rules);
    expect(await policy.source(join(library.root, 'else/x.jpg'))).toContain('library.folders');
    rules.mode = 'any';
    expect(await policy.outputFolder('/anywhere')).toBeNull();
    expect(await policy.source('/anywhere.jpg')).toBeNull();
    expect(await policy.source('anywhere.jpg')).toContain('relative');
  });
});
