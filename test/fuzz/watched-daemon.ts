/** The real daemon, which says at its end whether somebody has changed the prototypes that everything inherits from. */
import { parseArgs } from 'node:util';
import { createDaemon } from '../../bridge/daemon.ts';

const { values } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string' }, 'data-dir': { type: 'string' }, config: { type: 'string' } },
});
const watched = [Object, Array, Function, String, Number, Boolean, Promise, Map, Set, Error];
const look = () =>
  watched.flatMap(({ name, prototype }) =>
    Reflect.ownKeys(prototype).map((key) => ({
      name: `${name}.prototype.${String(key)}`,
      value: Object.getOwnPropertyDescriptor(prototype, key)?.value as unknown,
    })),
  );

const daemon = await createDaemon({
  flags: { port: values.port, dataDir: values['data-dir'], config: values.config },
  env: process.env,
  cwd: process.cwd(),
});
const before = look();
// For the control: somebody has.
if (process.env.FUZZ_POLLUTED) Object.defineProperty(Object.prototype, 'polluted', { value: true });
process.on('SIGTERM', () => {
  const after = look();
  const changed = after.filter((now, index) => {
    const then = before[index];
    return then?.name !== now.name || then.value !== now.value;
  });
  process.stderr.write(changed.length === 0 ? 'prototypes: intact\n' : `prototypes: ${changed[0]?.name}\n`);
  void daemon.stop('SIGTERM');
});
process.stdout.write(`photo-bridge listening on ${daemon.address.url}\n`);
await daemon.closed;
process.exit(0);
