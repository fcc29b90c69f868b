/** The task function of a render thread. Answers Outcomes, never throws: a thrown error would lose its class on the way. */
import { parentPort } from 'node:worker_threads';
import type { DevelopOutcome, ProofOutcome } from '../bridge/contract/host-messages.ts';
import { develop } from './pipeline/develop.ts';
import type { OnSize } from './pipeline/picture.ts';
import { toPixelBytes } from './pipeline/pixel-bytes.ts';
import { proof } from './pipeline/proof.ts';
import { enterGate, type ThreadJob, type ThreadNote, waitForRoom } from './thread-job.ts';

function note(message: ThreadNote): void {
  parentPort?.postMessage(message);
}
note({ type: 'loaded' });

export default async function runJob(job: ThreadJob): Promise<DevelopOutcome | ProofOutcome> {
  const { task, task_id, look, slots, proxy } = job;
  const onSize = createSizeTeller(job);
  switch (task.kind) {
    case 'develop':
      return develop(task, { look, slots, onSize, mayWrite: () => enterGate(job.gate) });
    case 'proof':
      return proof(task, {
        look,
        slots,
        onSize,
        proxy,
        onProxy: (made) => note({ type: 'proxy', task_id, proxy: made }),
      });
  }
}

/** Tells the host how large the photo is. The first time, before its pixels are decoded, it waits until there is room for them. */
function createSizeTeller({ task, task_id, gate, memoryShare }: ThreadJob): OnSize {
  let isAdmitted = task.kind === 'proof';
  return (megapixels, { extraSeconds = 0, depth = 16 } = {}) => {
    const bytes = toPixelBytes(megapixels * 1e6, depth, task.limits);
    const size = { type: 'size', task_id, megapixels, extra_s: extraSeconds } as const;
    if (isAdmitted || bytes <= memoryShare) return note(size);
    isAdmitted = true;
    note({ ...size, waits_for: bytes });
    waitForRoom(gate);
  };
}
