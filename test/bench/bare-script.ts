/**
 * What one would write without a daemon: a process with some threads, and a loop that gives each the next photo. The yardstick of
 * the daemon's path: the same pixels by the same functions, nothing else. `node bare-script.ts THREADS NICE`, told by messages.
 */
import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import { calmCollector } from '../../workers/host/calm-collector.ts';
import { setNiceness } from '../../workers/host/niceness.ts';
import type { BareJob } from './bare-thread.ts';

export type BareOrder = { paths: string[]; folder: string };

const [threads = 1, nice = 0] = process.argv.slice(2).map(Number);
setNiceness(nice);
calmCollector();

let queue: BareJob[] = [];
let left = 0;
const idle: Worker[] = [];

for (let thread = 0; thread < threads; thread += 1) {
  const worker = new Worker(new URL('./bare-thread.ts', import.meta.url));
  let loaded = false;
  worker.on('message', () => {
    idle.push(worker);
    if (loaded) left -= 1;
    else if (idle.length === threads) process.send?.('ready');
    if (loaded && left === 0) process.send?.('done');
    loaded = true;
    feed();
  });
}

process.on('message', ({ paths, folder }: BareOrder) => {
  queue = paths.map((path, item) => ({ path, folder, name: basename(path), item }));
  left = queue.length;
  feed();
});
process.on('disconnect', () => process.exit(0));

function feed(): void {
  while (queue.length > 0 && idle.length > 0) {
    const job = queue.shift();
    if (job !== undefined) idle.shift()?.postMessage(job);
  }
}
