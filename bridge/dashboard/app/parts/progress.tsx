/** The bar of a batch and its figures, straight from one status object. */
import { memo } from 'hono/jsx/dom';
import type { BatchStatusObject } from '../../../client/index.ts';
import { statusWords, toReasons, toTitle } from '../words/batch.ts';
import { operationWords } from '../words/operation.ts';
import { toEtaRange, toPace } from '../words/time.ts';

type Props = { status: BatchStatusObject };

export function ProgressBar({ status }: Props) {
  const { progress_percent, failed_count, total_photos, batch_id } = status;
  const failed = total_photos === 0 ? 0 : failed_count / total_photos;
  return (
    <div class="progress" data-state={status.status}>
      <div
        class="bar"
        role="progressbar"
        aria-label={`Progress of ${toTitle(status)}, ${batch_id}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={progress_percent}
        aria-valuetext={`${progress_percent} percent, ${statusWords[status.status]}`}
      >
        <div class="fill" style={{ transform: `scaleX(${progress_percent / 100})` }} />
        <div class="fill failed" style={{ transform: `scaleX(${failed})` }} />
      </div>
      <output class="percent" data-field="progress_percent" aria-hidden="true">
        {`${progress_percent} %`}
      </output>
    </div>
  );
}

const figures: readonly [field: keyof BatchStatusObject & `${string}_count`, label: string][] = [
  ['processed_count', 'Done'],
  ['failed_count', 'Failed'],
  ['in_flight_count', 'In work'],
  ['pending_count', 'To do'],
];

export function Figures({ status }: Props) {
  return (
    <dl class="figures">
      {figures.map(([field, label]) => (
        <div key={field} class={field === 'failed_count' && status.failed_count > 0 ? 'bad' : ''}>
          <dt>{label}</dt>
          <dd data-field={field} data-value={status[field]}>
            {status[field]?.toLocaleString('en')}
          </dd>
        </div>
      ))}
      <div class="wide">
        <dt>Pace</dt>
        <dd>{toPace(status.photos_per_minute, operationWords(status.operation).many) ?? '–'}</dd>
      </div>
      <div class="wide">
        <dt>Time left</dt>
        <dd>{toEtaRange(status.eta_seconds) ?? '–'}</dd>
      </div>
    </dl>
  );
}

export function Badges({ status }: Props) {
  return (
    <p class="badges">
      <span class="badge" data-status={status.status}>
        {statusWords[status.status]}
      </span>
      {status.recovered === true && (
        <span
          class="badge recovered"
          title="The daemon was interrupted while this batch ran. Nothing was lost."
        >
          Recovered after a crash
        </span>
      )}
    </p>
  );
}

export function Reasons({ status }: Props) {
  const reasons = toReasons(status);
  return (
    <ul class="reasons" aria-label="What holds it back">
      {reasons.map((reason) => (
        <li key={reason}>{reason}</li>
      ))}
    </ul>
  );
}

export const BatchFigures = memo(({ status }: Props) => (
  <div class="batch-figures">
    <ProgressBar status={status} />
    <Figures status={status} />
  </div>
));
