/** Which packages may run code when they are installed: the pinned Node, and no other. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const read = (name: string) =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8')) as Record<
    string,
    unknown
  >;
type Locked = {
  version?: string;
  hasInstallScript?: boolean;
  resolved?: string;
  integrity?: string;
  link?: boolean;
};

describe('the packages that are installed', () => {
  const manifest = read('package.json');
  const packages = Object.entries(read('package-lock.json').packages as Record<string, Locked>);

  it('run no scripts when they are installed, but the pinned Node', () => {
    const running = packages
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([name]) => name);
    expect(running).toEqual(['node_modules/node']);
    expect(Object.keys(manifest.allowScripts as object)).toEqual(['node']);
  });

  it('are named with an exact version, and locked with the sum of their bytes', () => {
    const wanted = { ...(manifest.dependencies as object), ...(manifest.devDependencies as object) };
    for (const [name, version] of Object.entries(wanted)) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
    for (const [name, { integrity }] of packages) {
      if (name !== '') expect(integrity, name).toMatch(/^sha512-/);
    }
  });

  it('come from the registry, where the lock says a place', () => {
    const places = packages.flatMap(([, { resolved }]) =>
      resolved === undefined ? [] : [new URL(resolved).origin],
    );
    expect([...new Set(places)].filter((place) => place !== 'https://registry.npmjs.org')).toEqual([]);
  });

  it('run nothing of ours either', () => {
    const scripts = Object.keys(manifest.scripts as object);
    expect(
      scripts.filter((name) => /^(pre|post)?install$|^(pre|post)?prepare$|^prepublish/.test(name)),
    ).toEqual([]);
  });
});
