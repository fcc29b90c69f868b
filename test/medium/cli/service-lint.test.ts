/** The service definitions as other programs read them: systemd's own checker, and two strict parsers of python3. */
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toLaunchdPlist } from '../../../bridge/cli/service/launchd-plist.ts';
import { toSystemdUnit, UNIT } from '../../../bridge/cli/service/systemd-unit.ts';
import { toTaskXml } from '../../../bridge/cli/service/task-xml.ts';

const execute = promisify(execFile);
const analyze = ['/usr/bin/systemd-analyze', '/bin/systemd-analyze'].find((path) => existsSync(path));
if (analyze === undefined) {
  if (process.env.CI && process.platform === 'linux')
    throw new Error('systemd-analyze is missing (package systemd)');
  console.log('skipped: systemd-analyze verify (not on this machine)');
}

const facts = (command: readonly [string, ...string[]], home = '/home/ann') => ({
  command,
  user: { name: 'DESK\\Ann & <Söhne>', uid: 1000, home },
  logsFolder: `${home}/logs`,
});
const NOBODY = 65_534;

/** Never as root: the checker is a whole manager inside. */
async function verify(text: string, folder: string): Promise<{ code: number; said: string }> {
  const unit = join(folder, UNIT);
  await writeFile(unit, text, { mode: 0o644 });
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const env = { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: folder };
  try {
    const { stderr } = await execute(analyze ?? '', ['verify', '--user', '--man=no', unit], {
      ...user,
      env,
      cwd: folder,
    });
    return { code: 0, said: stderr };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, said: stderr };
  }
}

async function createFolder(): Promise<string> {
  // Another user has to get through: the folder above is this test file's own.
  chmodSync(tmpdir(), 0o711);
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-unit-'));
  await chmod(folder, 0o755);
  if (process.getuid?.() === 0) await chown(folder, NOBODY, NOBODY);
  return folder;
}

describe.skipIf(analyze === undefined)('systemd', () => {
  it.each(['plain', 'two words', '50% $HOME $A ;é', `it's`, 'back\\slash "quoted"'])(
    'takes the unit of a program in a folder called %s',
    async (name) => {
      const folder = await createFolder();
      const place = join(folder, name);
      await mkdir(place, { mode: 0o755 });
      const node = join(place, 'node');
      await symlink('/bin/true', node);
      const unit = toSystemdUnit(
        facts([node, join(place, 'bridge.js'), 'serve', '--data-dir', `${place}\\`]),
      );
      expect(await verify(unit, folder)).toEqual({ code: 0, said: '' });
    },
  );

  it('would say what is wrong with one', async () => {
    const folder = await createFolder();
    const unit = toSystemdUnit(facts(['/bin/true']));
    const wrongKey = await verify(unit.replace('KillMode=mixed', 'KillMood=mixed'), folder);
    expect(wrongKey.said).toContain('KillMood');
    expect((await verify(unit.replace('"/bin/true"', '"/bin/no such"'), folder)).code).not.toBe(0);
  });
});

/** Texts on its standard input as a JSON list; what the python program prints as JSON. */
function askPython(program: string, texts: readonly string[]): unknown {
  const input = JSON.stringify(texts);
  return JSON.parse(execFileSync('python3', ['-c', program], { input, maxBuffer: 64e6, encoding: 'utf8' }));
}

const awkward = fc.string({
  unit: fc.oneof(
    fc.constantFrom(' ', '"', "'", '%', '$', '\\', '&', '<', '>', ']', '-', 'é', '写', '😀'),
    fc.constantFrom('a', 'b'),
  ),
  minLength: 1,
  maxLength: 20,
});
const commands = fc.sample(fc.array(awkward, { minLength: 1, maxLength: 5 }), { numRuns: 100, seed: 7 });

describe('the launchd agent', () => {
  const read =
    'import sys,json,plistlib\nprint(json.dumps([plistlib.loads(t.encode(), fmt=plistlib.FMT_XML) for t in json.load(sys.stdin)]))';

  it('is a property list that gives every argument back', () => {
    const texts = commands.map((args) => toLaunchdPlist(facts(['/node', ...args])));
    const lists = askPython(read, texts) as { ProgramArguments: string[] }[];
    expect(lists.map(({ ProgramArguments }) => ProgramArguments)).toEqual(
      commands.map((args) => ['/node', ...args]),
    );
  });

  it('has the keys that launchd.plist(5) names, of the right types', () => {
    const [list] = askPython(read, [toLaunchdPlist(facts(['/node', 'x']))]) as [Record<string, unknown>];
    expect(list).toEqual({
      Label: 'local.photo-bridge',
      ProgramArguments: ['/node', 'x'],
      WorkingDirectory: '/home/ann',
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      ThrottleInterval: 10,
      ExitTimeOut: 15,
      ProcessType: 'Background',
      LowPriorityIO: true,
      Nice: 5,
      StandardOutPath: '/home/ann/logs/service.out.log',
      StandardErrorPath: '/home/ann/logs/service.err.log',
    });
  });
});

describe('the Windows task', () => {
  // As the file is read: UTF-16 with a byte order mark.
  const read = `import sys,json
import xml.etree.ElementTree as E
def show(e):
    name = e.tag.split('}')[1]
    return [name, [show(c) for c in e] if len(e) else (e.text or '')]
print(json.dumps([show(E.fromstring(('\\ufeff' + t).encode('utf-16-le'))) for t in json.load(sys.stdin)]))`;
  type Node = [name: string, content: string | Node[]];
  const find = ([name, content]: Node, wanted: string): Node | undefined => {
    if (name === wanted) return [name, content];
    if (typeof content === 'string') return undefined;
    return content.map((child) => find(child, wanted)).find((child) => child !== undefined);
  };

  it('is well formed with any path and user', () => {
    const harmless = commands.filter((args) => !args.some((each) => /%[^%]+%|\$\(/.test(each)));
    const tasks = askPython(
      read,
      harmless.map((args) => toTaskXml(facts([args[0] ?? '', ...args]))),
    ) as Node[];
    expect(tasks.map((task) => find(task, 'Command')?.[1])).toEqual(harmless.map((args) => args[0]));
    expect(find(tasks[0] as Node, 'Author')?.[1]).toBe('DESK\\Ann & <Söhne>');
  });

  it('has its elements in the documented order, and never ends by itself', () => {
    const [task] = askPython(read, [toTaskXml(facts(['C:\\node.exe', 'x y']))]) as [Node];
    const names = (node: Node | undefined) => ((node?.[1] ?? []) as Node[]).map(([name]) => name);
    expect(names(task)).toEqual(['RegistrationInfo', 'Triggers', 'Principals', 'Settings', 'Actions']);
    expect(names(find(task, 'LogonTrigger'))).toEqual(['Enabled', 'UserId', 'Delay']);
    expect(names(find(task, 'Exec'))).toEqual(['Command', 'Arguments', 'WorkingDirectory']);
    const settings = Object.fromEntries(find(task, 'Settings')?.[1] as Node[]);
    expect(settings).toMatchObject({
      MultipleInstancesPolicy: 'IgnoreNew',
      DisallowStartIfOnBatteries: 'false',
      StopIfGoingOnBatteries: 'false',
      Hidden: 'true',
      ExecutionTimeLimit: 'PT0S',
      Priority: '7',
      RestartOnFailure: [
        ['Interval', 'PT1M'],
        ['Count', '5'],
      ],
    });
    expect(find(task, 'Arguments')?.[1]).toBe('"x y"');
  });
});
