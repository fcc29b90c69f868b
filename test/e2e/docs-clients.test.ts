/** Every example of docs/clients.md that is marked `run` is run against a daemon, and must say what stands below it. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { self, spawnDaemon } from '../helpers/daemon.ts';
import { leaveOut } from '../helpers/leave-out.ts';
import { createFolder, makePhotos } from './support.ts';

const inRepo = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const BREAK = '-- the next example --';

type Example = { language: string; code: string; says: string };

/** A block marked `run`, and the `text` block right behind it. */
function parseExamples(page: string): Example[] {
  const blocks = /^```(\w+) run\n(.*?)^```\n(?:```text\n(.*?)^```\n)?/gms;
  return [...page.matchAll(blocks)].map(([, language = '', code = '', says = '']) => ({
    language,
    code,
    says,
  }));
}

const examples = async () => parseExamples(await readFile(inRepo('docs/clients.md'), 'utf8'));

/** Where the page says `…`, anything may stand. */
function fits(said: string, expected: string): boolean {
  const parts = expected.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(said);
}

type Place = { url: string; folder: string; work: string };

async function openPlace(): Promise<Place> {
  const daemon = await spawnDaemon();
  const work = await createFolder();
  const folder = join(work, 'wedding');
  await mkdir(folder);
  await makePhotos(folder, 24, { width: 2400, height: 1600 });
  await writeFile(join(work, 'broken.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]));
  await copyFile(inRepo('clients/python/photo_bridge.py'), join(work, 'photo_bridge.py'));
  return { url: daemon.url, folder, work };
}

const place = (code: string, { url, work }: Place) =>
  code.replaceAll('http://127.0.0.1:5100', url).replaceAll('/home/anna/Pictures', work);

type Runner = { file: string; command: string; args?: string[]; before?: string; between: string };

const runners: Readonly<Record<string, Runner>> = {
  sh: { file: 'examples.sh', command: 'bash', args: ['-eu'], between: `echo '${BREAK}'` },
  python: { file: 'examples.py', command: 'python3', args: ['-W', 'error'], between: `print('${BREAK}')` },
  ts: { file: 'examples.ts', command: self.node, between: `console.log('${BREAK}');` },
  lua: { file: 'examples.lua', command: 'lua5.1', between: `print('${BREAK}')` },
};

/** The examples of one language as one program, as a reader would try them one behind the other. */
async function runAll(language: string): Promise<void> {
  const at = await openPlace();
  const chosen = (await examples()).filter((one) => one.language === language);
  expect(chosen.length).toBeGreaterThan(1);
  const { file, command, args = [], between } = runners[language]!;
  const code = chosen.map((one) => place(one.code, at)).join(`\n${between}\n`);
  const prelude = language === 'lua' ? lightroom : '';
  const client = JSON.stringify(inRepo('bridge/client/index.ts'));
  await writeFile(join(at.work, file), prelude + code.replaceAll("'photo-bridge/client'", client));
  if (language === 'ts') await writeFile(join(at.work, 'package.json'), '{"type":"module"}');
  const env = { ...process.env, PHOTO_BRIDGE_URL: at.url, PYTHONDONTWRITEBYTECODE: '1' };
  const run = promisify(execFile)(command, [...args, file], { cwd: at.work, env, timeout: 100_000 });
  const { stdout, stderr } = await run;
  expect(stderr).toBe('');
  const said = stdout.split(`${BREAK}\n`);
  for (const [index, { code, says }] of chosen.entries()) {
    const lines = (said[index] ?? '').split('\n');
    const expected = says.split('\n');
    const wrong = lines.filter((line, at) => !fits(line, expected[at] ?? 'nothing'));
    expect({ code, wrong, lines: lines.length }).toEqual({ code, wrong: [], lines: expected.length });
  }
}

/** Lightroom's `import 'LrHttp'`, with curl in place of Lightroom. */
const lightroom = String.raw`
local function exchange(url, headers, body)
  local command = { "curl -s -w '\n%{http_code}'" }
  for _, header in ipairs(headers or {}) do
    command[#command + 1] = "-H '" .. header.field .. ": " .. header.value .. "'"
  end
  if body then
    local file = assert(io.open("body.json", "wb"))
    file:write(body)
    file:close()
    command[#command + 1] = "--data-binary @body.json"
  end
  local pipe = assert(io.popen(table.concat(command, " ") .. " '" .. url .. "'"))
  local text = pipe:read("*a")
  pipe:close()
  local answer, status = text:match("^(.*)\n(%d+)$")
  return answer, { status = tonumber(status) }
end
local LrHttpOfTest = {
  get = function(url, headers) return exchange(url, headers) end,
  post = function(url, body, headers) return exchange(url, headers, body) end,
}
function import(name) return name == "LrHttp" and LrHttpOfTest or error(name) end
`;

describe('the page about clients', { timeout: 180_000 }, () => {
  let all: Example[] = [];
  beforeAll(async () => {
    all = await examples();
  });

  it('marks every example but those that only show', async () => {
    const page = await readFile(inRepo('docs/clients.md'), 'utf8');
    const opened = page.match(/^```\w+.*$/gm) ?? [];
    expect(opened.filter((line) => !/^```(text$|\w+ run$)/.test(line))).toEqual([]);
    expect(all).toHaveLength(opened.filter((line) => line.endsWith(' run')).length);
    expect(new Set(all.map(({ language }) => language))).toEqual(new Set(Object.keys(runners)));
  });

  it('has a curl line for every verb', () => {
    const lines = all.filter(({ language }) => language === 'sh').map(({ code }) => code);
    const words =
      'start pause resume cancel status photos results.csv results.json list retry-failed priority hold';
    const more =
      'log merge plan recover cleanup thumbnail preview presets templates content settings events health';
    const missing = `${words} ${more} version resources metrics`
      .split(' ')
      .filter((verb) => !lines.some((code) => new RegExp(`/${verb.replace('.', '\\.')}[?"/ ]`).test(code)));
    expect(missing).toEqual([]);
  });

  it('tells the truth in the shell', () => runAll('sh'));
  it('tells the truth in Python', () => runAll('python'));
  it('tells the truth in TypeScript', () => runAll('ts'));
  it('tells the truth in Lua', async (context) => {
    if (!(await hasLua())) leaveOut(context, 'lua5.1 is missing');
    await runAll('lua');
  });
});

async function hasLua(): Promise<boolean> {
  return await promisify(execFile)('lua5.1', ['-v']).then(
    () => true,
    () => false,
  );
}
