/** A batch's config as lines for people. Pure. */
import { capitalise } from './operation.ts';

/** Name and value; sections are taken apart. A preset that was sent whole is called by its name. */
export function toSettings(config: Readonly<Record<string, unknown>>): [name: string, value: string][] {
  return Object.entries(config).flatMap(([key, value]): [string, string][] => {
    if (key === 'preset' && isObject(value)) return [['Preset', String(value.name ?? 'one of its own')]];
    if (isObject(value))
      return toSettings(value).map(([name, said]) => [`${toName(key)}: ${lower(name)}`, said]);
    return value === null || value === undefined ? [] : [[toName(key), toValue(value)]];
  });
}

function toName(key: string): string {
  return capitalise(key.replaceAll('_', ' '));
}

function lower(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function toValue(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
