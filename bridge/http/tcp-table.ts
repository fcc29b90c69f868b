/**
 * Finds one connection in `/proc/net/tcp` or `tcp6`: which user owns the other end of a loopback connection. Linux only;
 * pure. The tables have a line for every connection of the machine, so they are searched as text and not parsed.
 */

export type TcpRow = { uid: number; inode: number };
/** Ends as `toLoopbackKey` answers them. */
export type TcpPair = { local: string; remote: string };

const LISTEN = '0A';
const MAPPED = '00000000000000000000ffff';

/** The row of the end whose own address is `local`. Null: this table has none. */
export function findTcpRow(table: string, { local, remote }: TcpPair): TcpRow | null {
  for (const [own, other] of zip(toPrinted(local), toPrinted(remote))) {
    const at = table.indexOf(`: ${own} ${other} `);
    if (at === -1) continue;
    const end = table.indexOf('\n', at);
    const row = parseRow(table.slice(at, end === -1 ? undefined : end));
    if (row !== null) return row;
  }
  return null;
}

/** Whether any program listens on the port. */
export function hasListener(table: string, port: number): boolean {
  return new RegExp(`:${toPrintedPort(port)} [0-9A-F]+:0000 ${LISTEN} `).test(table);
}

/** What follows `sl`: local, remote, state, queues, timer, retransmits, uid, timeout, inode. */
function parseRow(line: string): TcpRow | null {
  const [, , , , , , , uid, , inode] = line.split(/\s+/);
  return uid === undefined || inode === undefined ? null : { uid: Number(uid), inode: Number(inode) };
}

/**
 * `<32 hex digits>:<port>` for an address as Node prints it, IPv4 mapped into IPv6, so that both families compare alike.
 * Null for one that is neither loopback form.
 */
export function toLoopbackKey(address: string, port: number): string | null {
  const plain = address.replace(/^::ffff:/i, '');
  if (plain === '::1') return `00000000000000000000000000000001:${port}`;
  if (!/^127(\.\d{1,3}){3}$/.test(plain)) return null;
  const hex = plain.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return `${MAPPED}${hex.join('')}:${port}`;
}

/**
 * As the kernel prints it (proc_pid_net_tcp(5)): each 32-bit word in its own byte order, little endian on every machine Node
 * runs on but s390x. An IPv4 end has two forms: of an IPv4 socket, and of an IPv6 socket that speaks IPv4.
 */
function toPrinted(key: string): string[] {
  const [address = '', port = '0'] = key.split(':');
  const words = address.match(/.{8}/g) ?? [];
  const printed = words.map((word) => (word.match(/../g) ?? []).reverse().join('').toUpperCase());
  const end = `:${toPrintedPort(Number(port))}`;
  const whole = printed.join('') + end;
  return address.startsWith(MAPPED) ? [`${printed.at(-1)}${end}`, whole] : [whole];
}

function toPrintedPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

function zip(a: readonly string[], b: readonly string[]): [string, string][] {
  return a.flatMap((value, index): [string, string][] => {
    const other = b[index];
    return other === undefined ? [] : [[value, other]];
  });
}
