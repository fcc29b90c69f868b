/**
 * Takes the lock of a data folder and says what it got. `inherit`: hands the lock to a child of its own first and says
 * that child's pid. Then it waits to be killed.
 */
import { spawn } from 'node:child_process';
import { acquireLock } from '../../../bridge/store/lock.ts';

const [dataDir = '', mode = ''] = process.argv.slice(2);
const result = await acquireLock(dataDir, { waitMs: 0 });
if (result.kind === 'held') {
  console.log(`held ${result.heldBy}`);
} else {
  let pid = process.pid;
  if (mode === 'inherit') {
    const script = 'process.stdin.resume()';
    const child = spawn(process.execPath, ['-e', script], {
      stdio: ['pipe', 'ignore', 'ignore', result.lock.fd],
      detached: true,
    });
    await new Promise((resolve) => child.once('spawn', resolve));
    pid = child.pid ?? 0;
  }
  console.log(`acquired ${pid}`);
  setInterval(() => {}, 1000);
}
