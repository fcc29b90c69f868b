/** Reads `/proc/net/tcp` and `tcp6`: which user owns the other end of a loopback connection. Linux only; pure parsing. */

export type TcpRow = { local: string; remote: string; uid: number; inode: number; listening: boolean };

const LISTEN = '0A';

/**
 * Addresses as `<32 hex digits>:<port>`, IPv4 mapped into IPv6, so both tables compare alike. The kernel prints each
 * 32-bit word in its own byte order (proc_pid_net_tcp(5)); little endian on every machine Node runs on but s390x.
 */
export function parseTcpTable(text: string): TcpRow[] {
  const rows: TcpRow[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [, local, remote, state, , , , uid, , inode] = line.trim().split(/\s+/);
    if (local === undefined || remote === undefined || uid === undefined || inode === undefined) continue;
    rows.push({
      local: toKey(local),
      remote: toKey(remote),
      uid: Number(uid),
      inode: Number(inode),
      listening: state === LISTEN,
    });
  }
  return rows;
}

function toKey(printed: string): string {
  const [address = '', port = '0'] = printed.split(':');
  const bytes = (address.match(/.{8}/g) ?? [])
    .map((word) => (word.match(/../g) ?? []).reverse().join(''))
    .join('');
  const mapped = bytes.length === 8 ? `00000000000000000000ffff${bytes}` : bytes;
  return `${mapped.toLowerCase()}:${Number.parseInt(port, 16)}`;
}

/** The same key for an address as Node prints it. Null for one that is neither loopback form. */
export function toLoopbackKey(address: string, port: number): string | null {
  const plain = address.replace(/^::ffff:/i, '');
  if (plain === '::1') return `00000000000000000000000000000001:${port}`;
  if (!/^127(\.\d{1,3}){3}$/.test(plain)) return null;
  const hex = plain.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return `00000000000000000000ffff${hex.join('')}:${port}`;
}
