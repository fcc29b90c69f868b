/** Who answers at a port of this machine. Binds only where nobody answered, for a moment. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { toCode } from './folder-probe.ts';

export type PortUse =
  | { kind: 'free' }
  /** A Photo Bridge: what it says of itself. */
  | { kind: 'bridge'; version: string }
  | { kind: 'other' }
  | { kind: 'refused'; code: string };

const CONNECT_MS = 1000;
const ANSWER_MS = 2000;

/** The first address that is not free tells. A family that this machine lacks is passed over. */
export async function probePort(port: number, hosts: readonly string[]): Promise<PortUse> {
  for (const host of hosts) {
    if (await isListening(host, port)) return await identify(host, port);
  }
  for (const host of hosts) {
    const code = await tryListen(host, port);
    if (code !== null && code !== 'EADDRNOTAVAIL' && code !== 'EAFNOSUPPORT')
      return { kind: 'refused', code };
  }
  return { kind: 'free' };
}

async function isListening(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port, timeout: CONNECT_MS });
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      // More than once: a listener may reset what it has just taken.
      socket.on('error', () => resolve(false));
      socket.once('timeout', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}

async function identify(host: string, port: number): Promise<PortUse> {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const ask = async (path: string) =>
      (await (await fetch(url + path, { signal })).json()) as Record<string, unknown>;
    const [health, about] = [await ask('/health'), await ask('/version')];
    const isBridge = typeof health.state === 'string' && typeof about.api === 'string';
    return isBridge ? { kind: 'bridge', version: String(about.version) } : { kind: 'other' };
  } catch {
    return { kind: 'other' };
  }
}

/** The system's code when it refuses, or null. */
async function tryListen(host: string, port: number): Promise<string | null> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return null;
  } catch (thrown) {
    return toCode(thrown);
  } finally {
    server.close();
  }
}
