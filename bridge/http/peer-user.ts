/**
 * Who is at the other end of a loopback connection (safety.md, rule 7): it must be our own user or root. Asked once a
 * connection; requests that come together share one read of the tables. Linux only: elsewhere it lets everyone pass.
 */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { BridgeError, toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { parseTcpTable, type TcpRow, toLoopbackKey } from './tcp-table.ts';

export type PeerCheck = {
  /** Null when the peer may go on. The answer of a connection is kept. */
  check(socket: Socket): Promise<BridgeError | null>;
  /** To be called when listening: a system whose tables do not show our own listener cannot be asked. */
  probe(port: number): Promise<void>;
};

export type PeerCheckOptions = {
  /** The setting `security.same_user_only`, read at each connection. */
  isOn(): boolean;
  log: Log;
  /** For tests. */
  ownUid?: number | undefined;
  readTables?: () => Promise<TcpRow[]>;
};

export function createPeerCheck(options: PeerCheckOptions): PeerCheck {
  const { isOn, log, ownUid = process.getuid?.(), readTables = readKernelTables } = options;
  const readShared = shareReads(readTables);
  const verdicts = new WeakMap<Socket, Promise<BridgeError | null>>();
  let possible = process.platform === 'linux' && ownUid !== undefined;

  async function ask(socket: Socket): Promise<BridgeError | null> {
    const local = toLoopbackKey(socket.localAddress ?? '', socket.localPort ?? 0);
    const remote = toLoopbackKey(socket.remoteAddress ?? '', socket.remotePort ?? 0);
    // A peer from another machine has no row here; it needs the token instead.
    if (local === null || remote === null) return null;
    try {
      const rows = await readShared();
      const row = rows.find((candidate) => candidate.local === remote && candidate.remote === local);
      // An orphaned end (closed by its process) has inode 0 and says uid 0 whoever owned it.
      if (row !== undefined && row.inode !== 0 && (row.uid === ownUid || row.uid === 0)) return null;
      return refuse('another user of this machine');
    } catch (thrown) {
      log.warn({ err: toError(thrown) }, 'the user of a connection could not be read');
      return refuse('a user that could not be determined');
    }
  }

  return {
    check(socket) {
      if (!possible || !isOn()) return Promise.resolve(null);
      const known = verdicts.get(socket) ?? ask(socket);
      verdicts.set(socket, known);
      return known;
    },
    async probe(port) {
      if (!possible || !isOn()) return;
      const rows = await readTables().catch(() => []);
      possible = rows.some((row) => row.listening && row.local.endsWith(`:${port}`));
      if (!possible)
        log.warn({ port }, 'this system does not tell who owns a connection; same_user_only has no effect');
    },
  };
}

function refuse(who: string): BridgeError {
  return new BridgeError(
    'forbidden_user',
    `the connection comes from ${who}; the setting security.same_user_only = false would allow it`,
  );
}

/** A read that has not begun yet serves all who ask before it begins; one under way may be too old for them. */
function shareReads(read: () => Promise<TcpRow[]>): () => Promise<TcpRow[]> {
  let current: Promise<unknown> = Promise.resolve();
  let next: Promise<TcpRow[]> | null = null;
  return () => {
    if (next !== null) return next;
    const queued: Promise<TcpRow[]> = current.then(() => {
      next = null;
      return read();
    });
    next = queued;
    current = queued.catch(() => undefined);
    return queued;
  };
}

async function readKernelTables(): Promise<TcpRow[]> {
  const [v4, v6] = await Promise.all([
    readFile('/proc/net/tcp', 'utf8'),
    readFile('/proc/net/tcp6', 'utf8').catch(() => ''),
  ]);
  return [...parseTcpTable(v4), ...parseTcpTable(v6)];
}
