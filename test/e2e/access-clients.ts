/** Foreign programs that ask a daemon, each in its own way; all answer the status they got as text. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** `nobody` on every Linux. */
const NOBODY = 65_534;

type Who = { asNobody?: boolean };

/** Runs the script in this Node, as this user or as nobody. */
async function runNode(script: string, { asNobody = false }: Who): Promise<string> {
  const user = asNobody ? { uid: NOBODY, gid: NOBODY } : {};
  const { stdout } = await execute(process.execPath, ['-e', script], { cwd: '/', ...user });
  return stdout.trim();
}

/** `ok` fields of a start that must be refused or accepted as a whole: a plain change. */
const cleanup = { path: '/batch/cleanup', body: '{"days_old": 9}' };

export function askWithFetch(url: string, who: Who = {}): Promise<string> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: cleanup.body };
  return runNode(
    `fetch(${JSON.stringify(url + cleanup.path)}, ${JSON.stringify(init)}).then(async (answer) => {
      const { code } = await answer.json();
      console.log(answer.status + (code === undefined ? '' : ' ' + code));
    }, (error) => console.log(String(error.cause)))`,
    who,
  );
}

/** A handshake by hand, as a client that hides nothing of the answer. `headers` beside the usual ones. */
export function askForSocket(
  url: string,
  who: Who = {},
  headers: Record<string, string> = {},
): Promise<string> {
  const all = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  };
  return runNode(
    `const request = require('node:http').get(${JSON.stringify(url)}, { headers: ${JSON.stringify(all)} });
    request.on('upgrade', (answer, socket) => { console.log(answer.statusCode); socket.destroy(); });
    request.on('response', (answer) => { console.log(answer.statusCode); answer.destroy(); });
    request.on('error', (error) => console.log(error.code));`,
    who,
  );
}

export async function askWithCurl(url: string, args: readonly string[] = []): Promise<string> {
  const plain = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--noproxy', '*', '--max-time', '10'];
  const json = ['-H', 'content-type: application/json', '-d', cleanup.body];
  const { stdout } = await execute('curl', [...plain, ...json, ...args, url + cleanup.path]);
  return stdout.trim();
}

/** The module is `requests`, or the standard library's `urllib`. */
export async function askWithPython(
  python: string,
  module: 'requests' | 'urllib',
  url: string,
): Promise<string> {
  const target = JSON.stringify(url + cleanup.path);
  const scripts = {
    requests: `import requests\nprint(requests.post(${target}, json=${cleanup.body}).status_code)`,
    urllib: `import json, urllib.request
request = urllib.request.Request(${target}, json.dumps(${cleanup.body}).encode(), {'Content-Type': 'application/json'})
print(urllib.request.urlopen(request).status)`,
  };
  const { stdout } = await execute(python, ['-c', scripts[module]], {
    env: { ...process.env, NO_PROXY: '*' },
  });
  return stdout.trim();
}
