/**
 * `photo-bridge complete KIND WORDS…`, which completion scripts run while a person waits for the next letter: names that the
 * daemon knows, a line each, with what they are after a tab. Without a daemon it is silent; it never says what went wrong.
 */
import { findDaemon } from '../find-daemon.ts';
import type { CliHost } from '../host.ts';
import type { LiveKind } from './value-kind.ts';

const PATIENCE_MS = 1000;
const MOST_BATCHES = 100;
const CONTROLS = /\p{Cc}+/gu;

type Row = Readonly<Record<string, unknown>>;
type Source = {
  path: string;
  /** Of the list in the answer. */
  list: string;
  toName(row: Row): unknown;
  toAbout(row: Row): unknown;
  /** Another name of the first row. */
  alias?: string;
  fits?(row: Row): boolean;
};

const batches: Source = {
  path: `/batch/list?limit=${MOST_BATCHES}`,
  list: 'batches',
  toName: ({ batch_id }) => batch_id,
  toAbout: ({ status, progress_percent, total_photos }) =>
    `${status}, ${progress_percent} % of ${total_photos}`,
  alias: 'last',
};
const among = (...statuses: readonly string[]) => ({
  ...batches,
  fits: ({ status }: Row) => statuses.includes(String(status)),
});
const settings: Source = {
  path: '/settings',
  list: 'entries',
  toName: ({ key }) => key,
  toAbout: ({ value }) => JSON.stringify(value),
};

const sources: Record<LiveKind, Source> = {
  batches,
  'unended-batches': among('pending', 'running', 'paused'),
  'running-batches': among('running'),
  'paused-batches': among('paused'),
  'ended-batches': among('completed', 'failed', 'cancelled'),
  presets: {
    path: '/presets',
    list: 'presets',
    toName: ({ name }) => name,
    toAbout: ({ description, group, kind }) => description ?? group ?? kind,
  },
  templates: {
    path: '/templates',
    list: 'templates',
    toName: ({ name }) => name,
    toAbout: ({ description, operation }) => description ?? operation,
  },
  settings,
  'setting-assignments': { ...settings, toName: ({ key }) => `${key}=` },
};

/** `words`: all of the line, for the options that tell where the daemon is. Never rejects. */
export async function printNames([kind = '', ...words]: readonly string[], host: CliHost): Promise<void> {
  const source = Object.hasOwn(sources, kind) ? sources[kind as LiveKind] : null;
  if (source === null) return;
  try {
    const rows = await fetchRows(source, words, host);
    const fits = source.fits ?? (() => true);
    const lines = rows.filter(fits).flatMap((row) => toLines(source, row));
    const [first] = rows;
    const all = source.alias && first && fits(first) ? [...lines, source.alias] : lines;
    if (all.length > 0) host.stdout.write(`${all.join('\n')}\n`);
  } catch {
    // No daemon, or none that answers at once: there is nothing to offer.
  }
}

async function fetchRows(source: Source, words: readonly string[], host: CliHost): Promise<Row[]> {
  // Not yet expanded by the shell.
  const findOption = (option: string) => findValue(option, words)?.replace(/^~(?=\/)/, host.user.home);
  const [dataDir, config] = [findOption('--data-dir'), findOption('--config')];
  const folders = () => host.folders({ ...(dataDir && { dataDir }), ...(config && { config }) });
  const { url } = await findDaemon({
    url: findOption('--url'),
    env: host.env,
    dataDir: async () => (await folders())?.data ?? null,
  });
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(url.replace(/\/+$/, '') + source.path, { signal });
  const answer: unknown = await response.json();
  const list = typeof answer === 'object' && answer !== null ? (answer as Row)[source.list] : null;
  return Array.isArray(list) ? (list as Row[]) : [];
}

function findValue(option: string, words: readonly string[]): string | undefined {
  const at = words.indexOf(option);
  if (at !== -1) return words[at + 1];
  return words.find((word) => word.startsWith(`${option}=`))?.slice(option.length + 1);
}

/** None for a name that cannot be typed. */
function toLines({ toName, toAbout }: Source, row: Row): string[] {
  const name = String(toName(row));
  const about = String(toAbout(row) ?? '').replace(CONTROLS, ' ');
  if (name === '' || name.search(CONTROLS) !== -1) return [];
  return [about === '' ? name : `${name}\t${about}`];
}
