/**
 * The engine thread: decodes HEIC and raw photos in WebAssembly, apart from the render thread, so that what they grow to is
 * given back with the thread, and a module that crashes takes nothing along. One photo at a time.
 */
import { parentPort } from 'node:worker_threads';
import { decodeHeif, heifHeapBytes } from './heif.ts';
import { decodeRaw } from './libraw.ts';
import { EngineError, type EngineImage, type FromEngine, type ToEngine } from './messages.ts';

/** Of LibRaw's memory nothing is known but that a new module is made for each photo. */
const RAW_HEAP_BYTES = Number.MAX_SAFE_INTEGER;

function send(message: FromEngine, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

parentPort?.on('message', (request: ToEngine) => void answer(request));

async function answer(request: ToEngine): Promise<void> {
  try {
    const image = await decode(request);
    const heapBytes = request.kind === 'heif' ? heifHeapBytes() : RAW_HEAP_BYTES;
    const { buffer } = image.file;
    send({ type: 'image', image, heapBytes }, buffer instanceof ArrayBuffer ? [buffer] : []);
  } catch (error) {
    send(toFailure(error));
  }
}

async function decode(request: ToEngine): Promise<EngineImage> {
  const onSize = (size: { width: number; height: number }) => {
    send({ type: 'size', size });
    Atomics.wait(request.go, 0, 0);
  };
  return request.kind === 'heif' ? decodeHeif(request, onSize) : decodeRaw(request, onSize);
}

function toFailure(error: unknown): FromEngine {
  if (error instanceof EngineError) return { type: 'failure', code: error.code, message: error.message };
  const said = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError || /out of memory|OOM|enlarge memory|allocation/i.test(said)) {
    return { type: 'failure', code: 'out_of_memory', message: 'There was not enough memory to decode it.' };
  }
  return { type: 'failure', code: 'decoder_crash', message: `Its decoder failed: ${said.slice(0, 160)}` };
}
