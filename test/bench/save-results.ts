/** Keeps the results of a run in `results/`: as JSON, as a page, as a chart. And puts the README's figures in order with them. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toSvg } from './chart.ts';
import { replaceFigures } from './readme-figures.ts';
import { toMarkdown } from './results.ts';
import type { Results } from './run.ts';

const folder = fileURLToPath(new URL('./results/', import.meta.url));
const readme = fileURLToPath(new URL('../../README.md', import.meta.url));

/** Those of the full form are the project's; those of the quick one only say that nothing is badly wrong. */
const names = { full: 'latest', quick: 'quick' } as const;

export function saveResults(results: Results): void {
  mkdirSync(folder, { recursive: true });
  const name = names[results.form];
  writeFileSync(join(folder, `${name}.md`), toMarkdown(results));
  writeFileSync(join(folder, `${name}.svg`), toSvg(results));
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(results, null, 2)}\n`);
}

/** Null when there are none. */
export function loadResults(form: Results['form']): Results | null {
  const path = join(folder, `${names[form]}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Results) : null;
}

export function saveReadme(results: Results): void {
  writeFileSync(readme, replaceFigures(readFileSync(readme, 'utf8'), results));
}

/**
 * A run of some parts renews these and leaves the others, if they were measured on the same machine in the same form. `order`: the
 * names of all parts.
 */
export function mergeResults(kept: Results | null, fresh: Results, order: readonly string[]): Results {
  if (kept === null || !isSameSetting(kept, fresh)) return fresh;
  const names = new Set(fresh.parts.map(({ name }) => name));
  const parts = [...kept.parts.filter(({ name }) => !names.has(name)), ...fresh.parts];
  parts.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return { ...fresh, parts: parts.filter(({ name }) => order.includes(name)) };
}

function isSameSetting(a: Results, b: Results): boolean {
  return a.form === b.form && a.machine.cpu === b.machine.cpu && a.machine.cores === b.machine.cores;
}
