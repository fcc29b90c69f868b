import { rm } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pauseBodySchema } from '../../../bridge/contract/index.ts';
import { openTestEngine, startBody, type TestEngine } from '../../helpers/engine.ts';
import { createGate } from '../../helpers/engine-fixture.ts';
import { createSetClock, type SetClock } from '../../helpers/set-clock.ts';
import { createUnitOperation, processed } from '../../helpers/unit-operation.ts';

const HOUR = 3_600_000;
const window = { from: '06:00', to: '18:00', time_zone: 'UTC' };

/** What holds the batch, by owner, with the moment it ends by itself; and whether the user has paused it. */
type Model = { ends: Map<string, number | null>; status: 'running' | 'paused' };
type Real = { engine: TestEngine; clock: SetClock; id: string };

function dayMs(now: number): number {
  return now % (24 * HOUR);
}
function isClosed(now: number): boolean {
  return dayMs(now) < 6 * HOUR || dayMs(now) >= 18 * HOUR;
}
function nextOpening(now: number): number {
  const today = now - dayMs(now) + 6 * HOUR;
  return today > now ? today : today + 24 * HOUR;
}

/** Time has come for whatever ends by itself. */
function settle(model: Model, now: number): void {
  for (const [owner, end] of model.ends) {
    if (end === null || end > now) continue;
    model.ends.delete(owner);
    if (owner === 'user') model.status = 'running';
  }
  if (model.status !== 'running') return;
  if (!isClosed(now)) model.ends.delete('schedule');
  else if (!model.ends.has('schedule')) model.ends.set('schedule', nextOpening(now));
}

/** The engine looks at what is due whenever something changes; the batch shows exactly the holds of the model, and goes on doing so. */
async function agree({ engine, clock, id }: Real, model: Model): Promise<void> {
  settle(model, clock.wallMs());
  const wanted = [...model.ends]
    .map(([owner, end]) => `${owner} ${end === null ? '' : new Date(end).toISOString()}`)
    .sort();
  let shown: unknown;
  for (let look = 0, agreed = 0; look < 20 && agreed < 2; look += 1) {
    await engine.api.setPriority(id, 5);
    const { status, holds } = engine.api.status(id);
    shown = { status, holds: holds.map(({ owner, until = '' }) => `${owner} ${until}`).sort() };
    agreed =
      JSON.stringify(shown) === JSON.stringify({ status: model.status, holds: wanted }) ? agreed + 1 : 0;
  }
  expect(shown).toEqual({ status: model.status, holds: wanted });
}

abstract class Step implements fc.AsyncCommand<Model, Real> {
  check(_model: Readonly<Model>): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    await this.act(model, real);
    await agree(real, model);
  }
  abstract act(model: Model, real: Real): Promise<void>;
  abstract toString(): string;
}

class Place extends Step {
  readonly #client: string;
  readonly #leaseS: number;
  constructor(client: string, leaseS: number) {
    super();
    this.#client = client;
    this.#leaseS = leaseS;
  }
  async act(model: Model, { engine, clock, id }: Real): Promise<void> {
    model.ends.set(`client:${this.#client}`, clock.wallMs() + this.#leaseS * 1000);
    await engine.api.placeHold(id, { client: this.#client, reason: 'busy', lease_s: this.#leaseS });
  }
  toString = () => `place(${JSON.stringify(this.#client)}, ${this.#leaseS} s)`;
}

class Lift extends Step {
  readonly #client: string;
  constructor(client: string) {
    super();
    this.#client = client;
  }
  async act(model: Model, { engine, id }: Real): Promise<void> {
    model.ends.delete(`client:${this.#client}`);
    await engine.api.liftHold(id, { client: this.#client });
  }
  toString = () => `lift(${JSON.stringify(this.#client)})`;
}

class Pause extends Step {
  readonly #forMs: number | null;
  constructor(forMs: number | null) {
    super();
    this.#forMs = forMs;
  }
  override check(model: Readonly<Model>): boolean {
    return model.status === 'running';
  }
  async act(model: Model, { engine, clock, id }: Real): Promise<void> {
    const end = this.#forMs === null ? null : clock.wallMs() + this.#forMs;
    const until = end === null ? {} : { until: new Date(end).toISOString() };
    model.ends.set('user', end);
    model.status = 'paused';
    await engine.api.pause(id, pauseBodySchema.parse(until));
  }
  toString = () => `pause(${this.#forMs ?? 'for ever'})`;
}

class Resume extends Step {
  override check(model: Readonly<Model>): boolean {
    return model.status === 'paused';
  }
  async act(model: Model, { engine, id }: Real): Promise<void> {
    model.ends.delete('user');
    model.status = 'running';
    await engine.api.resume(id);
  }
  toString = () => 'resume()';
}

class Pass extends Step {
  readonly #ms: number;
  constructor(ms: number) {
    super();
    this.#ms = ms;
  }
  async act(_model: Model, { clock }: Real): Promise<void> {
    clock.advance(this.#ms);
  }
  toString = () => `pass(${this.#ms} ms)`;
}

const client = fc.constantFrom('editor', 'user', 'schedule', 'two\nlines');
const span = fc.integer({ min: 1, max: 10 * 3600 });
const steps = fc.commands(
  [
    fc.tuple(client, span).map(([name, leaseS]) => new Place(name, leaseS)),
    client.map((name) => new Lift(name)),
    fc.option(span).map((seconds) => new Pause(seconds === null ? null : seconds * 1000)),
    fc.constant(new Resume()),
    span.map((seconds) => new Pass(seconds * 1000)),
  ],
  { maxCommands: 24 },
);

describe('holds of several owners', () => {
  it('are placed, lifted and ended each by its own: one never lifts another, and the user resumes what the user paused', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (commands) => {
        const clock = createSetClock('2026-06-01T12:00:00Z');
        const gate = createGate();
        const operation = createUnitOperation({ run: () => gate.pass().then(processed) });
        const engine = await openTestEngine(operation, { clock });
        const folders = [engine.dataDir];
        try {
          const { batch_id: id } = await engine.api.start(startBody(3, { run_window: window }), {});
          await fc.asyncModelRun(
            () => ({ model: { ends: new Map(), status: 'running' } as Model, real: { engine, clock, id } }),
            commands,
          );
          const copy = await engine.crashCopy();
          folders.push(copy);
          const again = await openTestEngine(operation, { clock, dataDir: copy });
          const clients = (one: TestEngine) =>
            one.api.status(id).holds.filter(({ owner }) => owner.startsWith('client:'));
          expect(clients(again)).toEqual(clients(engine));
          await again.end();
        } finally {
          gate.open();
          await engine.end();
          for (const folder of folders) await rm(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 15, interruptAfterTimeLimit: 40_000 },
    );
  });
});
