/**
 * Who is at the other end of a loopback connection (safety.md, rule 7): it must be our own user or root. Asked once a
 * connection; requests that come together share one read of the tables. Linux only: elsewhere it lets everyone pass.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BridgeError, toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { findTcpRow, hasListener, type TcpPair, type TcpRow, toLoopbackKey } from './tcp-table.ts';

/** The kernel's tables of IPv4 and of IPv6 sockets. */
export type TableName = 'tcp' | 'tcp6';

export type PeerCheck = {
  /** Null when the peer may go on. The answer of a connection is kept. */
  check(socket: Socket): Promise<BridgeError | null>;
  /** To be called when listening: a system whose tables do not show our own listener cannot be asked. */
  probe(port: number): Promise<void>;
};

/** Some milliseconds of work. */
const PAGES_A_TURN = 16;
const page = Buffer.alloc(64 * 1024);
const LOOPBACK_V6 = '00000000000000000000000000000001';

export type PeerCheckOptions = {
  /** The setting `security.same_user_only`, read at each connection. */
  isOn(): boolean;
  log: Log;
  /** For tests. */
  ownUid?: number | undefined;
  readTable?: (name: TableName) => Promise<string>;
};

export function createPeerCheck(options: PeerCheckOptions): PeerCheck {
  const { isOn, log, ownUid = process.getuid?.(), readTable = readKernelTable } = options;
  const shared = { tcp: shareReads(() => readTable('tcp')), tcp6: shareReads(() => readTable('tcp6')) };
  const verdicts = new WeakMap<Socket, Promise<BridgeError | null>>();
  let possible = process.platform === 'linux' && ownUid !== undefined;

  /** An IPv4 end may be an IPv6 socket that speaks IPv4, but seldom is. */
  async function find(pair: TcpPair): Promise<TcpRow | null> {
    const isV4 = !pair.local.startsWith(LOOPBACK_V6);
    const row = isV4 ? findTcpRow(await shared.tcp(), pair) : null;
    return row ?? findTcpRow(await shared.tcp6(), pair);
  }

  async function ask(socket: Socket): Promise<BridgeError | null> {
    const local = toLoopbackKey(socket.localAddress ?? '', socket.localPort ?? 0);
    const remote = toLoopbackKey(socket.remoteAddress ?? '', socket.remotePort ?? 0);
    // A peer from another machine has no row here; it needs the token instead.
    if (local === null || remote === null) return null;
    try {
      const row = await find({ local: remote, remote: local });
      // The port of a peer that has gone may be another user's by now.
      if (socket.destroyed) return refuse('a peer that has gone');
      // An orphaned end (closed by its process) has inode 0 and says uid 0 whoever owned it.
      if (row !== null && row.inode !== 0 && (row.uid === ownUid || row.uid === 0)) return null;
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
      const tables = await Promise.all([readTable('tcp'), readTable('tcp6')]).catch(() => []);
      possible = tables.some((table) => hasListener(table, port));
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
function shareReads(read: () => Promise<string>): () => Promise<string> {
  let current: Promise<unknown> = Promise.resolve();
  let next: Promise<string> | null = null;
  return () => {
    if (next !== null) return next;
    const queued: Promise<string> = current.then(() => {
      next = null;
      return read();
    });
    next = queued;
    current = queued.catch(() => undefined);
    return queued;
  };
}

/**
 * On this thread: the kernel makes the text while it is read, a page at a time, so another thread would have nothing to wait
 * for and cost a switch a page. After some pages others have their turn.
 */
async function readKernelTable(name: TableName): Promise<string> {
  const file = openTable(name);
  if (file === null) return '';
  try {
    const parts: string[] = [];
    for (let reads = 1; ; reads++) {
      const length = readSync(file, page);
      if (length === 0) return parts.join('');
      parts.push(page.toString('latin1', 0, length));
      if (reads % PAGES_A_TURN === 0) await nextTurn();
    }
  } finally {
    closeSync(file);
  }
}

/** A kernel without IPv6 has no such table. */
function openTable(name: TableName): number | null {
  try {
    return openSync(`/proc/net/${name}`, 'r');
  } catch (thrown) {
    if (name === 'tcp6') return null;
    throw thrown;
  }
}
