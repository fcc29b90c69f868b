import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { shareOf, toSvg } from '../../bench/chart.ts';
import { replaceFigures } from '../../bench/readme-figures.ts';
import type { Goal } from '../../bench/report.ts';
import { toMarkdown } from '../../bench/results.ts';
import type { PartResult, Results } from '../../bench/run.ts';
import { mergeResults } from '../../bench/save-results.ts';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');

const machine = {
  date: '2026-01-02',
  cores: 2,
  cpu: 'A <fast> & quiet one',
  memoryGb: 8,
  platform: 'linux x64',
  node: '24.0.0',
  sharp: '1',
  libvips: '2',
  loadAverage: 0,
};

function part(name: string, goals: Goal[]): PartResult {
  return {
    name,
    date: machine.date,
    reports: [{ kind: 'goals', goals }],
    seconds: 1,
    load: 0,
    failed: false,
  };
}

const held: Goal = { what: 'memory an item', value: 30, limit: 150, unit: 'bytes' };
const missed: Goal = { what: 'two threads against one', value: 1.2, limit: 1.6, unit: 'x', atLeast: true };
const results: Results = {
  form: 'full',
  machine,
  parts: [part('bookkeeping', [held]), part('throughput', [missed])],
};

describe('the figures of the README', () => {
  it('are those of the newest run', () => {
    const readme = read('README.md');
    const latest = JSON.parse(read('test/bench/results/latest.json')) as Results;
    expect(readme).toBe(replaceFigures(readme, latest));
  });

  it('belong to the page and the chart beside them', () => {
    const latest = JSON.parse(read('test/bench/results/latest.json')) as Results;
    expect(read('test/bench/results/latest.md')).toBe(toMarkdown(latest));
    expect(read('test/bench/results/latest.svg')).toBe(toSvg(latest));
  });

  it('are made anew between their marks, and nothing else is touched', () => {
    const made = replaceFigures(read('README.md'), results);
    expect(made).toContain('| memory of a photo in a batch of 1,000,000 | 30.0 bytes | ≤ 150 bytes |');
    expect(made).toContain('| photos a second: two threads against one | 1.20 x | ≥ 1.6 x |');
    expect(replaceFigures(made, results)).toBe(made);
    const outside = (text: string): string => text.replace(/<!-- figures[\s\S]*<!-- \/figures -->/, '');
    expect(outside(made)).toBe(outside(read('README.md')));
    expect(() => replaceFigures('# no marks', results)).toThrow(/lacks/);
  });
});

describe('the chart', () => {
  it('shows what share of the allowed was used, whichever way a goal is told', () => {
    expect(shareOf(held)).toBeCloseTo(0.2);
    expect(shareOf(missed)).toBeCloseTo(4 / 3);
    expect(shareOf({ ...held, value: 0, limit: 0 })).toBe(0);
    expect(shareOf({ ...held, value: 1, limit: 0 })).toBe(Number.POSITIVE_INFINITY);
  });

  it('draws a bar for each goal and tells the missed from the held', () => {
    const svg = toSvg(results);
    expect(svg.match(/class="holds"/g)).toHaveLength(1);
    expect(svg.match(/class="missed"/g)).toHaveLength(1);
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).toContain('A &lt;fast&gt; &amp; quiet one');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe('a run of some parts', () => {
  const order = ['bookkeeping', 'throughput', 'idle'];
  const fresh: Results = { ...results, parts: [part('idle', []), part('bookkeeping', [])] };

  it('renews these and keeps the others, in the usual order', () => {
    const { parts } = mergeResults(results, fresh, order);
    expect(parts.map(({ name }) => name)).toEqual(order);
    expect(parts[0]?.reports).toEqual([{ kind: 'goals', goals: [] }]);
    expect(parts[1]).toEqual(results.parts[1]);
  });

  it('keeps nothing of another machine', () => {
    const elsewhere = { ...results, machine: { ...machine, cpu: 'another' } };
    expect(mergeResults(elsewhere, fresh, order)).toBe(fresh);
    expect(mergeResults(null, fresh, order)).toBe(fresh);
  });
});
