/** The machine over the last ten minutes: load, memory, how much may run and why, and the pace of the batches. */
import { useEffect, useState } from 'hono/jsx/dom';
import type { Resources } from '../../../client/index.ts';
import { Chart, type ChartLine } from '../parts/chart.tsx';
import { client, live } from '../state/bridge.ts';
import { toSentence } from '../state/messages.ts';
import type { RateLine } from '../state/rates.ts';
import { useSelected } from '../state/store.ts';
import { toLimitSentence } from '../words/batch.ts';
import { toSize } from '../words/time.ts';

const EVERY_MS = 2000;

export function ResourcesPage() {
  const [resources, setResources] = useState<Resources | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const rates = useSelected(live.store, (state) => state.rates);
  useEffect(() => {
    const leaving = new AbortController();
    const read = () => {
      if (document.hidden) return;
      client
        .resources({ signal: leaving.signal })
        .then((now) => {
          setResources(now);
          setProblem(null);
        })
        .catch((thrown: unknown) => {
          if (!leaving.signal.aborted) setProblem(toSentence(thrown));
        });
    };
    read();
    const timer = setInterval(read, EVERY_MS);
    return () => {
      clearInterval(timer);
      leaving.abort();
    };
  }, []);
  return (
    <div class="page resources">
      <h1 tabindex={-1}>Resources</h1>
      <p role="status" class={problem === null ? 'lead' : 'warning'}>
        {problem ?? (resources === null ? 'Reading…' : toVerdict(resources))}
      </p>
      {resources !== null && (
        <>
          <Charts resources={resources} rates={rates} />
          <Readings resources={resources} />
        </>
      )}
    </div>
  );
}

function toVerdict({ limit, capacity, reason }: Resources): string {
  return toLimitSentence({ limit, capacity, reason }) ?? `Full speed: up to ${capacity} photos at a time.`;
}

function Charts({ resources, rates }: { resources: Resources; rates: readonly RateLine[] }) {
  const { history, capacity } = resources;
  const points = (read: (point: Resources['history'][number]) => number): ChartLine['points'] =>
    history.map((point) => ({ at: Date.parse(point.at), value: read(point) }));
  const end = Math.max(Date.now(), ...history.slice(-1).map(({ at }) => Date.parse(at)));
  return (
    <div class="charts">
      <Chart
        title="Processor"
        unit="%"
        top={100}
        end={end}
        lines={[
          { name: 'Photo Bridge', tone: 'a', points: points(({ own_percent }) => own_percent) },
          { name: 'Other programs', tone: 'b', points: points(({ foreign_percent }) => foreign_percent) },
        ]}
      />
      <Chart
        title="Memory in use"
        unit="%"
        top={100}
        end={end}
        lines={[{ name: 'Memory', tone: 'c', points: points(({ memory_percent }) => memory_percent) }]}
      />
      <Chart
        title="Photos that may render at a time"
        unit={`of ${capacity}`}
        top={Math.max(capacity, 1)}
        end={end}
        isStepped
        lines={[{ name: 'Limit', tone: 'a', points: points(({ limit }) => limit) }]}
      />
      <Chart
        title="Pace of running batches"
        unit="photos/min"
        top={toNiceTop(rates)}
        end={end}
        lines={rates.map(({ batchId, points: line }, index) => ({
          name: batchId,
          tone: (['a', 'b', 'c'] as const)[index % 3] ?? 'a',
          points: line,
        }))}
        empty="No batch has run since this page was opened."
      />
    </div>
  );
}

/** 1, 2 or 5 times a power of ten, so that the scale does not change with every reading. */
function toNiceTop(rates: readonly RateLine[]): number {
  const highest = Math.max(10, ...rates.flatMap(({ points }) => points.map(({ value }) => value)));
  const power = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= highest) ?? highest;
}

function Readings({ resources }: { resources: Resources }) {
  const { cpu, memory, battery, disk, profile } = resources;
  return (
    <section class="card" aria-labelledby="now">
      <h2 id="now">Now</h2>
      <dl class="facts">
        <div>
          <dt>Processor</dt>
          <dd>
            {Math.round(cpu.own_percent)} % here, {Math.round(cpu.foreign_percent)} % other programs,{' '}
            {cpu.cores} cores
          </dd>
        </div>
        <div>
          <dt>Memory free</dt>
          <dd>
            {toSize(memory.available_bytes)} of {toSize(memory.total_bytes)}
          </dd>
        </div>
        <div>
          <dt>Used by Photo Bridge</dt>
          <dd>
            {toSize(memory.daemon_rss_bytes)}
            {memory.host_rss_bytes === null ? '' : ` and ${toSize(memory.host_rss_bytes)} for rendering`}
          </dd>
        </div>
        {battery !== null && (
          <div>
            <dt>Battery</dt>
            <dd>
              {Math.round(battery.percent)} %{battery.on_battery ? ', in use' : ', on mains'}
            </dd>
          </div>
        )}
        {disk.map(({ path, free_bytes, total_bytes }) => (
          <div key={path}>
            <dt>Disk</dt>
            <dd>
              <code>{path}</code>
              <br />
              {toSize(free_bytes)} free of {toSize(total_bytes)}
            </dd>
          </div>
        ))}
        <div>
          <dt>Profile</dt>
          <dd>{profile}</dd>
        </div>
      </dl>
    </section>
  );
}
