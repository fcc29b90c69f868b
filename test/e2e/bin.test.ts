import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/photo-bridge.js', import.meta.url));
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** Runs the script as a Node of that version would, up to its first `import`. */
function runAs(version: string): { exitCode: number | null; said: string } {
  let exitCode: number | null = null;
  const said: string[] = [];
  const source = readFileSync(bin, 'utf8').replace(/^#!.*/, '');
  runInNewContext(source, {
    process: {
      versions: { node: version },
      execPath: '/usr/bin/node',
      exit: (code: number) => (exitCode ??= code),
    },
    console: { error: (line: string) => said.push(line) },
  });
  return { exitCode, said: said.join('\n') };
}

describe('bin/photo-bridge.js', () => {
  it('runs the command line', () => {
    const run = spawnSync(process.execPath, [bin, '--version'], { encoding: 'utf8' });
    expect(run).toMatchObject({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });

  it('runs through a link, as npm installs it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'photo-bridge-bin-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    symlinkSync(bin, join(folder, 'photo-bridge'));
    const run = spawnSync(process.execPath, [join(folder, 'photo-bridge'), '--version'], {
      encoding: 'utf8',
    });
    expect(run).toMatchObject({ status: 0, stdout: `${manifest.version}\n` });
  });

  it('hands on the exit code', () => {
    expect(spawnSync(process.execPath, [bin, 'no-such-command']).status).toBe(2);
  });

  it('says which Node it needs when this one is too old even to look for another', () => {
    for (const version of ['0.10.48', '4.9.1', '8.17.0', '12.22.12']) {
      const { exitCode, said } = runAs(version);
      expect(exitCode).toBe(1);
      expect(said).toContain(
        `Photo Bridge needs Node 22.18 or newer; this is Node ${version} (/usr/bin/node).`,
      );
    }
  });

  it('has nothing in it that an old Node could not parse', () => {
    const code = readFileSync(bin, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*|'[^']*'/g, 'text');
    expect(code).not.toMatch(/=>|`|\b(let|const|class|async|await|import|export)\b|\.\.\.|\?\.|\?\?|,\s*\)/);
  });

  const old = '/usr/bin/node';
  const isOld =
    existsSync(old) && Number(spawnSync(old, ['-p', 'process.versions.node.split(".")[0]']).stdout) < 22;
  it.runIf(isOld)('starts itself with the Node that came along when the one at hand is too old', () => {
    const run = spawnSync(old, [bin, 'version', '--json'], {
      encoding: 'utf8',
      env: { PHOTO_BRIDGE_URL: 'http://127.0.0.1:1' },
    });
    expect(run.status).toBe(0);
    expect(Number(JSON.parse(run.stdout).node.split('.')[0])).toBeGreaterThanOrEqual(22);
    expect(spawnSync(old, [bin, 'list', '--url', 'http://127.0.0.1:1']).status).toBe(3);
  });
});
