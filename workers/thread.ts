/** The task function of a render thread. Answers Outcomes, never throws: a thrown error would lose its class on the way. */
import { parentPort } from 'node:worker_threads';
import type { DevelopOutcome, ProofOutcome } from '../bridge/contract/host-messages.ts';
import { develop } from './pipeline/develop.ts';
import { proof } from './pipeline/proof.ts';
import { enterGate, type ThreadJob, type ThreadNote } from './thread-job.ts';

function note(message: ThreadNote): void {
  parentPort?.postMessage(message);
}
note({ type: 'loaded' });

export default async function runJob(job: ThreadJob): Promise<DevelopOutcome | ProofOutcome> {
  const { task, task_id, look, slots, proxy } = job;
  const onSize = (megapixels: number, extra_s = 0) => note({ type: 'size', task_id, megapixels, extra_s });
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
