/** Completion webhooks and the engine: which ends are told, how often, and what very many of them cost. */
import { describe, expect, it } from 'vitest';
import type { WebhookDelivery, WebhookSender } from '../../../bridge/batch/ports.ts';
import { Slots } from '../../../bridge/batch/slots.ts';
import { createGate, ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation, processed } from '../../helpers/unit-operation.ts';

const openEngine = useEngines();
const webhook = { url: 'http://127.0.0.1:9/' };

function createSender() {
  const sent: WebhookDelivery[] = [];
  const sender: WebhookSender = {
    async send(delivery) {
      sent.push(delivery);
      // As a receiver that takes its time, so that nothing is recorded yet.
      await new Promise((resolve) => setTimeout(resolve, 50));
      return { kind: 'delivered', status: 200 };
    },
  };
  return { sent, sender };
}

describe('webhooks of the engine', () => {
  it('tell once of a batch that comes to its end while the daemon starts', async () => {
    const gate = createGate();
    const engine = await openEngine(
      createUnitOperation({ slots: 1, run: () => gate.pass().then(processed) }),
    );
    const id = await start(engine, 1, { webhook });
    await gate.reached(1);
    const copy = await engine.crashCopy();
    gate.open();
    const { sent, sender } = createSender();
    const again = await openEngine(createUnitOperation({ adopt: () => true }), {
      dataDir: copy,
      settings: { recovery: { on_start: 'resume' } },
      webhookSender: sender,
    });
    await ended(again, id, 'batch_completed');
    await expect.poll(() => again.api.status(id).webhook?.state).toBe('delivered');
    expect(sent.map(({ event }) => event)).toEqual(['batch.completed']);
  });
});

describe('places for very many', () => {
  it('cost a newcomer nothing that grows with those who wait', async () => {
    let asked = 0;
    const slots = new Slots(() => 1);
    await slots.acquire(() => true);
    const waiting = Array.from({ length: 10_000 }, () =>
      slots.acquire(() => {
        asked += 1;
        return true;
      }),
    );
    expect(asked).toBeLessThan(30_000);
    for (const each of waiting.slice(0, 3)) {
      slots.release();
      expect(await each).toBe(true);
    }
  });

  it('are not waited for by one who does not want one any more', async () => {
    const slots = new Slots(() => 0);
    expect(await slots.acquire(() => false)).toBe(false);
  });
});
