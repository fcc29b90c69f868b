/** A daemon with the classic mistake: it takes its own work for another program's. Started with the flags of `serve`. */
import { parseArgs } from 'node:util';
import { createDaemon } from '../../bridge/daemon.ts';
import { createCpuCounters } from '../../bridge/resources/cpu-sample.ts';

const { values } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string' }, 'data-dir': { type: 'string' }, config: { type: 'string' } },
});
const honest = createCpuCounters(() => 0);
const daemon = await createDaemon({
  flags: {
    port: Number(values.port ?? 0),
    ...(values['data-dir'] !== undefined && { dataDir: values['data-dir'] }),
    ...(values.config !== undefined && { config: values.config }),
  },
  env: process.env,
  cwd: process.cwd(),
  cpuCounters: { cores: honest.cores, read: () => ({ ...honest.read(), ownMs: 0 }) },
});
process.stdout.write(`photo-bridge listening on ${daemon.address.url}\n`);
process.once('SIGTERM', () => void daemon.stop('SIGTERM'));
