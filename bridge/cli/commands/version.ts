/** `version`: this program's and, when one runs, the daemon's. */
import { BridgeProblem } from '../../client/index.ts';
import type { Action } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

export const version: Action = async (context) => {
  const { host, terminal, json } = context;
  const own = { version: host.version, node: process.versions.node };
  const client = await context.connect();
  const daemon = await client.version().catch((error: unknown) => {
    if (error instanceof BridgeProblem && error.status === 0) return null;
    throw error;
  });
  if (json) terminal.json({ ...own, daemon: daemon && { url: client.url, ...daemon } });
  else {
    terminal.line(`photo-bridge ${own.version} (Node ${own.node})`);
    if (daemon === null) terminal.line(`no daemon at ${client.url}`);
    else {
      terminal.line(
        `daemon ${daemon.version} at ${client.url} (Node ${daemon.node}, sharp ${daemon.sharp ?? 'not loaded yet'}, libvips ${daemon.libvips ?? 'not loaded yet'})`,
      );
    }
  }
  return exitCodes.ok;
};
