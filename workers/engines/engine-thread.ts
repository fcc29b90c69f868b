/** The render thread's side of its engine thread: starts it on demand, gives it one photo at a time, lets it go. */
import { Worker } from 'node:worker_threads';
import { TaskFailure } from '../pipeline/task-failure.ts';
import type { EngineImage, EngineRequest, FoundSize, FromEngine, ToEngine } from './wasm/messages.ts';

/** A module's memory never shrinks: above this the thread ends after its photo. */
const KEPT_HEAP_BYTES = 160 * 1024 * 1024;
const IDLE_MS = 5000;

let kept: Worker | null = null;
let idle: NodeJS.Timeout | null = null;

/**
 * Decodes a photo; `onSize` is told its size before that; the thread waits until it returns. Throws TaskFailure. The thread ends with the render thread, and
 * with it the work in it.
 */
export async function decodeInThread(
  request: EngineRequest,
  onSize: (size: FoundSize) => void,
): Promise<EngineImage> {
  const worker = take();
  let keep = false;
  try {
    const answer = await ask(worker, request, onSize);
    if (answer.type === 'failure') {
      // The module may be half way through something: it is not used again.
      const retryable = answer.code === 'out_of_memory';
      throw new TaskFailure(answer.code, 'decode', answer.message, { retryable });
    }
    keep = answer.heapBytes <= KEPT_HEAP_BYTES;
    return answer.image;
  } finally {
    if (keep) giveBack(worker);
    else await worker.terminate();
  }
}

function take(): Worker {
  if (idle !== null) clearTimeout(idle);
  idle = null;
  const worker = kept ?? new Worker(new URL('./wasm/engine-thread-entry.ts', import.meta.url));
  kept = null;
  worker.ref();
  return worker;
}

function giveBack(worker: Worker): void {
  worker.removeAllListeners();
  if (kept !== null) return void worker.terminate();
  kept = worker;
  worker.unref();
  const release = () => {
    kept = null;
    void worker.terminate();
  };
  worker.once('exit', () => {
    if (kept === worker) kept = null;
  });
  idle = setTimeout(release, IDLE_MS).unref();
}

type End = Exclude<FromEngine, { type: 'size' }>;

function ask(worker: Worker, request: EngineRequest, onSize: (size: FoundSize) => void): Promise<End> {
  const go = new Int32Array(new SharedArrayBuffer(4));
  return new Promise((resolve) => {
    const crash = (said: string) =>
      resolve({ type: 'failure', code: 'decoder_crash', message: `Its decoder ended: ${said}` });
    worker.removeAllListeners();
    worker.on('message', (message: FromEngine) => {
      if (message.type !== 'size') return resolve(message);
      onSize(message.size);
      Atomics.store(go, 0, 1);
      Atomics.notify(go, 0);
    });
    worker.once('error', (error) => crash(error instanceof Error ? error.message : String(error)));
    worker.once('exit', (code) => crash(`exit code ${code}`));
    const bytes = new Uint8Array(request.bytes);
    const message: ToEngine = { ...request, bytes, go };
    worker.postMessage(message, [bytes.buffer]);
  });
}
