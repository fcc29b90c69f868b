/** `presets check` and `presets show`, as people and programs read them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { toPresetLines } from '../../../bridge/cli/preset-lines.ts';
import { runHere } from '../../helpers/cli.ts';
import { startStubDaemon } from '../../helpers/stub-daemon.ts';
import { writeXmp } from '../presets/camera-raw/write-xmp.ts';

async function makeFolder(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-cli-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'sub'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}
const film = writeXmp({ Name: 'Film', Contrast2012: '+10', HasCrop: 'True', Temperature: '+300' });

describe('presets check', () => {
  it('tells of one file what it asks for, what is not honoured, and what was understood differently', async () => {
    const cwd = await makeFolder({ 'film.xmp': film });
    const run = await runHere(['presets', 'check', 'film.xmp'], { cwd });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout.split('\n')).toEqual([
      'Film (xmp)',
      'Contrast2012  contrast',
      'Temperature   white_balance',
      'not honoured: crop and straighten',
      'note: Temperature +300 is no temperature; it was taken as a shift from 5500 K',
      '',
    ]);
  });

  it('counts over a folder with all below it, and names files that cannot be used', async () => {
    const cwd = await makeFolder({
      'film.xmp': film,
      'sub/own.json': '{"contrast": 5, "tint": 0}',
      'sub/bad.xmp': '<x>',
      'notes.txt': 'no preset',
    });
    const run = await runHere(['presets', 'check', '.'], { cwd });
    expect(run.code).toBe(1);
    const rows = run.stdout.split('\n').map((row) => row.split(/ {2,}/));
    expect(rows[0]).toEqual(['setting', 'used', 'honoured', 'not honoured']);
    expect(rows).toContainEqual(['Contrast2012', '1', '1', '0']);
    expect(rows).toContainEqual(['contrast', '1', '1', '0']);
    expect(rows).toContainEqual(['crop and straighten', '1', '0', '1']);
    expect(run.stdout).toMatch(/problem: .*bad\.xmp: line 1: not well-formed XML: unclosed root tag/);
    expect(run.stderr).toBe('3 presets, 4 settings; of 4 uses 3 honoured; 1 note.\n');
    const { presets } = JSON.parse((await runHere(['presets', 'check', '.', '--json'], { cwd })).stdout);
    expect(presets).toHaveLength(3);
  });

  it('says when there is nothing there', async () => {
    const cwd = await makeFolder({});
    expect(await runHere(['presets', 'check', '.'], { cwd })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('No preset'),
    });
    expect(await runHere(['presets', 'check', 'gone'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot be read (ENOENT)'),
    });
  });
});

describe('toPresetLines', () => {
  it('has one line a slider, then what is not honoured', () => {
    const lines = toPresetLines({
      name: 'Film',
      description: 'Soft.',
      source: 'file',
      kind: 'xmp',
      group: 'Mine',
      path: '/p/film.xmp',
      problem: null,
      hash: 'h',
      settings: {
        contrast: 10,
        hsl: { red: { hue: -5 } },
        tone_curve: {
          points: [
            [0, 0],
            [255, 250],
          ],
        },
        monochrome: {},
      },
      not_honoured: ['grain'],
      notes: ['a note'],
    });
    expect(lines).toEqual([
      'Film (file, xmp, Mine)',
      'Soft.',
      '  contrast           10',
      '  hsl.red.hue        -5',
      '  tone_curve.points  0,0  255,250',
      '  monochrome         on',
      'not honoured: grain',
      'note: a note',
    ]);
  });
});

describe('start with a Lightroom file', () => {
  it('sends it in native form and says what it asks for beyond that', async () => {
    const cwd = await makeFolder({ 'film.xmp': film, 'bad.xmp': '<x>' });
    const { url, asked } = await startStubDaemon({
      'POST /batch/start': { body: { message: '', batch_id: 'batch_0123456789ab', photo_count: 1 } },
    });
    const run = await runHere(['start', '1', '--preset', 'film.xmp'], { url, cwd });
    expect(run.code).toBe(0);
    expect(run.stderr).toContain('not honoured: crop and straighten\n');
    expect(asked[0]?.body).toMatchObject({
      config: { preset: { name: 'Film', contrast: 10, white_balance: { temperature: 5800 } } },
    });
    expect(await runHere(['start', '1', '--preset', 'bad.xmp'], { url, cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/bad\.xmp: line 1: not well-formed XML/),
    });
    expect((await runHere(['start', '1', '--preset', 'gone.xmp'], { url, cwd })).stderr).toContain(
      'cannot be read',
    );
  });
});
