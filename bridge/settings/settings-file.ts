/**
 * Reads `bridge.config.json`, JSON that may have comments, through conf. Never writes it, nor any folder: a file that is
 * not there is an answer.
 */
import { statSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import Conf from 'conf';
import { toError } from '../errors.ts';
import { parseJsonText, toJsonValue } from './json-text.ts';

export type SettingsFile =
  | { kind: 'absent' }
  | { kind: 'read'; text: string; value: Readonly<Record<string, unknown>> }
  | { kind: 'broken'; message: string };

const MAX_BYTES = 1_000_000;

export function loadSettingsFile(file: string): SettingsFile {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    // conf creates the folder of a file that is missing, so it is only asked for one that is there.
    if (stats === undefined) return { kind: 'absent' };
    if (!stats.isFile()) return { kind: 'broken', message: 'is not a regular file' };
    if (stats.size > MAX_BYTES) return { kind: 'broken', message: 'is larger than 1 MB' };
    return { kind: 'read', ...readThroughConf(file) };
  } catch (error) {
    return { kind: 'broken', message: toError(error).message };
  }
}

/** The settings in a text of the file. Throws Error when they are no JSON object. */
export function parseSettingsText(text: string): Readonly<Record<string, unknown>> {
  const parsed = toJsonValue(parseJsonText(text));
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new Error('must hold one JSON object');
  }
  return parsed as Record<string, unknown>;
}

/** conf takes a list or a number for an empty store and hides its own keys, so the parsed value is kept as it was. */
function readThroughConf(file: string): { text: string; value: Readonly<Record<string, unknown>> } {
  let text = '';
  let value: Readonly<Record<string, unknown>> = {};
  const extension = extname(file);
  new Conf({
    cwd: dirname(file),
    configName: basename(file, extension),
    fileExtension: extension,
    deserialize: (read) => {
      text = read;
      value = parseSettingsText(read);
      return {};
    },
  });
  return { text, value };
}
