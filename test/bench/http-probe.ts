/** A client that keeps one connection open and times small requests; cheaper, and so truer, than fetch. */
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export type Probe = {
  /** Milliseconds from sending to the last byte. Rejects for anything but 200. */
  get(path: string): Promise<number>;
  /** As `get`, for a body that is already JSON text. */
  post(path: string, json: Buffer): Promise<{ ms: number; answer: Record<string, unknown> }>;
  close(): void;
};

export function createProbe(port: number): Probe {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const exchange = (method: string, path: string, json?: Buffer) =>
    new Promise<{ ms: number; text: string }>((resolve, reject) => {
      const headers =
        json === undefined ? {} : { 'content-type': 'application/json', 'content-length': json.length };
      const began = performance.now();
      const sent = request({ host: '127.0.0.1', port, path, method, agent, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const ms = performance.now() - began;
          const text = Buffer.concat(parts).toString();
          if (response.statusCode === 200) resolve({ ms, text });
          else reject(new Error(`${path}: ${response.statusCode} ${text}`));
        });
      });
      sent.on('error', reject);
      sent.end(json);
    });
  return {
    get: async (path) => (await exchange('GET', path)).ms,
    post: async (path, json) => {
      const { ms, text } = await exchange('POST', path, json);
      return { ms, answer: JSON.parse(text) as Record<string, unknown> };
    },
    close: () => agent.destroy(),
  };
}

/** Times `ask` again and again, `pauseMs` apart, until `while` is done. */
export async function timesWhile(
  ask: () => Promise<number>,
  pauseMs: number,
  until: Promise<unknown>,
): Promise<number[]> {
  let over = false;
  const end = until.finally(() => {
    over = true;
  });
  const times: number[] = [];
  while (!over) {
    times.push(await ask());
    await delay(pauseMs);
  }
  await end;
  return times;
}

export async function times(ask: () => Promise<number>, count: number, pauseMs = 0): Promise<number[]> {
  const found: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    found.push(await ask());
    if (pauseMs > 0) await delay(pauseMs);
  }
  return found;
}
