/** Frames made from the WebSocket's schema, and then spoilt, to a real daemon: each is answered, the connection stays, nothing changes. */
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { clientFrameSchema, fixedChannels } from '../../bridge/contract/index.ts';
import { toArbitrary, toText } from './arbitrary-json.ts';
import { count, type FuzzCampaign, type FuzzFigures, noFigures } from './campaign.ts';
import { openStage, type Stage } from './stage.ts';

const ROUND = 1000;
const PATIENCE_MS = 10_000;
const MAX_FRAME = 64 * 1024;

export const frames: FuzzCampaign = {
  name: 'frames',
  what: 'frames made from the schema of the WebSocket, and then spoilt, to a real daemon',
  missing: async () => (process.platform === 'linux' ? null : 'processes are looked at in /proc'),
  async run({ seed, goesOn }) {
    const figures = noFigures();
    for (let round = 0; goesOn(figures.cases) && figures.problems.length === 0; round += 1) {
      await runRound(seed + round, figures, (made) => goesOn(figures.cases + made));
    }
    return figures;
  },
};

async function runRound(
  seed: number,
  figures: FuzzFigures,
  wanted: (made: number) => boolean,
): Promise<void> {
  const stage = await openStage();
  const before = await stage.look();
  let client = await connect(stage.daemon.url);
  let made = 0;
  const property = fc.asyncProperty(anyFrame(stage), async (frame) => {
    if (!wanted(made)) return;
    made += 1;
    const answer = await client.ask(frame);
    count(figures, answer);
    if (answer === 'closed 1009' && frame.data.length > MAX_FRAME) client = await connect(stage.daemon.url);
    else if (!answers.has(answer)) throw new Error(`answered "${answer}"`);
  });
  const result = await fc.check(property, { seed, numRuns: ROUND });
  figures.cases += made;
  if (result.counterexample !== null) {
    const shown = JSON.stringify(result.counterexample).slice(0, 1000);
    figures.problems.push(`seed ${seed}: ${String(result.errorInstance)}\n  ${shown}`);
  }
  client.close();
  if ((await stage.look()) !== before) figures.problems.push(`seed ${seed}: frames changed something`);
  for (const problem of await stage.close()) figures.problems.push(`seed ${seed}: ${problem}`);
}

const answers = new Set([
  ...['pong', 'registration_confirmed', 'subscription_confirmed', 'unsubscription_confirmed', 'error'],
]);

type Frame = { data: string; isBinary: boolean };

function anyFrame({ known, batchIds }: Stage): fc.Arbitrary<Frame> {
  const channel = fc.oneof(
    fc.constantFrom(
      ...fixedChannels,
      ...batchIds.map((id) => `batch:${id}`),
      'batch:',
      'batch:*',
      '__proto__',
    ),
    fc.string({ maxLength: 300 }),
  );
  const channels = fc.array(channel, { minLength: 1, maxLength: 4 });
  const good = toText(toArbitrary(clientFrameSchema, { ...known, channels }));
  const large = fc.integer({ min: MAX_FRAME - 100, max: MAX_FRAME + 100 }).map((size) => 'x'.repeat(size));
  return fc.record({
    data: fc.oneof({ weight: 30, arbitrary: good }, { weight: 1, arbitrary: large }),
    isBinary: fc.oneof(
      { weight: 9, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
  });
}

type Client = { ask(frame: Frame): Promise<string>; close(): void };

/** What is told of by itself (events, snapshots, resyncs) is no answer. */
async function connect(url: string): Promise<Client> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws`);
  let receive: (answer: string) => void = () => undefined;
  const opened = Promise.withResolvers<void>();
  socket.on('message', (data) => {
    const { type } = JSON.parse(data.toString()) as { type: string };
    if (type === 'connection_established') opened.resolve();
    else if (answers.has(type)) receive(type);
  });
  socket.on('close', (code) => receive(`closed ${code}`));
  socket.on('error', (error) => opened.reject(error));
  await opened.promise;
  return {
    ask({ data, isBinary }) {
      return new Promise((resolve) => {
        const late = setTimeout(() => resolve('nothing'), PATIENCE_MS);
        receive = (answer) => {
          clearTimeout(late);
          resolve(answer);
        };
        socket.send(data, { binary: isBinary });
      });
    },
    close: () => socket.terminate(),
  };
}
