import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createPeerCheck } from '../../../bridge/http/peer-user.ts';
import { findTcpRow, hasListener, toLoopbackKey } from '../../../bridge/http/tcp-table.ts';
import { silent } from '../../medium/http/stand-in.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
function toRow(local: string, remote: string, { uid = 1000, inode = 77, state = '01' } = {}): string {
  return `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 0000 20 4\n`;
}
// 127.0.0.1:5100 is the daemon (0x13EC), 127.0.0.1:40000 (0x9C40) the client.
const DAEMON = '0100007F:13EC';
const CLIENT = '0100007F:9C40';
const CLIENT_MAPPED = '0000000000000000FFFF00000100007F:9C40';
const DAEMON_MAPPED = '0000000000000000FFFF00000100007F:13EC';

function toSocket(remoteAddress = '127.0.0.1'): Socket {
  const socket = new Socket();
  const ends = { localAddress: '127.0.0.1', localPort: 5100, remoteAddress, remotePort: 40_000 };
  for (const [name, value] of Object.entries(ends)) Object.defineProperty(socket, name, { value });
  return socket;
}

/** IPv4 sockets and IPv6 sockets stand in tables of their own. */
function toReader(text: string) {
  const [head = '', ...rows] = text.split('\n');
  const isV6 = (row: string) => /: [0-9A-F]{32}:/.test(row);
  return async (name: 'tcp' | 'tcp6') =>
    [head, ...rows.filter((row) => isV6(row) === (name === 'tcp6'))].join('\n');
}

async function ask(table: string, { remoteAddress = '127.0.0.1', isOn = true } = {}): Promise<string> {
  const readTable = toReader(HEAD + table);
  const peers = createPeerCheck({ isOn: () => isOn, log: silent, ownUid: 1000, readTable });
  return (await peers.check(toSocket(remoteAddress)))?.code ?? 'ok';
}

describe.runIf(process.platform === 'linux')('the user check', () => {
  it('lets our own user and root in, nobody else', async () => {
    expect(await ask(toRow(DAEMON, CLIENT, { uid: 1000 }) + toRow(CLIENT, DAEMON, { uid: 1000 }))).toBe('ok');
    expect(await ask(toRow(CLIENT, DAEMON, { uid: 0 }))).toBe('ok');
    expect(await ask(toRow(DAEMON, CLIENT, { uid: 1000 }) + toRow(CLIENT, DAEMON, { uid: 65_534 }))).toBe(
      'forbidden_user',
    );
  });

  it('finds an IPv4 client that came through an IPv6 socket', async () => {
    expect(await ask(toRow(CLIENT_MAPPED, DAEMON_MAPPED, { uid: 1000 }))).toBe('ok');
    expect(await ask(toRow(CLIENT_MAPPED, DAEMON_MAPPED, { uid: 7 }))).toBe('forbidden_user');
  });

  it('refuses a peer that closed its end, which then reads as root, and one that is not listed', async () => {
    expect(await ask(toRow(CLIENT, DAEMON, { uid: 0, inode: 0, state: '06' }))).toBe('forbidden_user');
    expect(await ask('')).toBe('forbidden_user');
  });

  it('refuses a peer that went while it was looked up: its port may be another one’s by then', async () => {
    const socket = toSocket();
    const readTable = async () => {
      socket.destroy();
      return HEAD + toRow(CLIENT, DAEMON);
    };
    const peers = createPeerCheck({ isOn: () => true, log: silent, ownUid: 1000, readTable });
    expect((await peers.check(socket))?.code).toBe('forbidden_user');
  });

  it('does not ask when it is off or the peer is another machine', async () => {
    expect(await ask('', { isOn: false })).toBe('ok');
    expect(await ask('', { remoteAddress: '192.168.1.9' })).toBe('ok');
  });

  it('asks once a connection and shares reads that have not begun', async () => {
    let reads = 0;
    const readTable = async () => {
      reads += 1;
      return HEAD + toRow(CLIENT, DAEMON);
    };
    const peers = createPeerCheck({ isOn: () => true, log: silent, ownUid: 1000, readTable });
    const sockets = Array.from({ length: 20 }, () => toSocket());
    await Promise.all(sockets.map((socket) => peers.check(socket)));
    await Promise.all(sockets.map((socket) => peers.check(socket)));
    expect(reads).toBeLessThanOrEqual(2);
  });

  it('gives up where the tables do not even show our own listener', async () => {
    const peers = createPeerCheck({
      isOn: () => true,
      log: silent,
      ownUid: 1000,
      readTable: async () => HEAD,
    });
    await peers.probe(5100);
    expect(await peers.check(toSocket())).toBeNull();
  });
});

describe('the kernel’s table', () => {
  const text = HEAD + toRow(DAEMON, CLIENT, { uid: 1 }) + toRow(CLIENT, DAEMON, { uid: 2, inode: 5 });
  const toKey = (address: string, port: number) => toLoopbackKey(address, port) ?? '';

  it('is searched for the end that is asked for, however its address is written', () => {
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1']) {
      const pair = { local: toKey(address, 40_000), remote: toKey('127.0.0.1', 5100) };
      expect(findTcpRow(text, pair)).toEqual({ uid: 2, inode: 5 });
      expect(findTcpRow(text, { local: pair.remote, remote: pair.local })?.uid).toBe(1);
    }
    const one = '00000000000000000000000001000000';
    const six = { local: toKey('::1', 40_000), remote: toKey('::1', 5100) };
    expect(findTcpRow(HEAD + toRow(`${one}:9C40`, `${one}:13EC`, { uid: 3 }), six)?.uid).toBe(3);
    expect(findTcpRow(text, six)).toBeNull();
    expect(
      findTcpRow(text, { local: toKey('127.0.0.1', 40_001), remote: toKey('127.0.0.1', 5100) }),
    ).toBeNull();
    expect(
      findTcpRow(text, { local: toKey('127.0.0.2', 40_000), remote: toKey('127.0.0.1', 5100) }),
    ).toBeNull();
  });

  it('has no row of an address that is no loopback', () => {
    for (const address of ['10.0.0.1', 'fe80::1', '', '::ffff:10.0.0.1'])
      expect(toLoopbackKey(address, 1)).toBeNull();
  });

  it('tells whether a port is listened on', () => {
    const listening = HEAD + toRow('0100007F:13EC', '00000000:0000', { state: '0A' });
    expect([hasListener(listening, 5100), hasListener(listening, 5101), hasListener(text, 5100)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
