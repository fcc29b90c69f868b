/** One item of a batch. Of a photo: before and after at the batch's look. Of all: what was written, or why it failed. */
import { useEffect, useRef } from 'hono/jsx/dom';
import type { BatchStatusObject, ItemResult, OperationName } from '../../../client/index.ts';
import type { BatchConfig } from '../state/use-batch-config.ts';
import { itemStatusWords, toFailureTitle } from '../words/batch.ts';
import { hasPicture, toItemName } from '../words/item.ts';
import { toItemRow } from '../words/item-row.ts';
import { toLook, toLookWords } from '../words/look.ts';
import { capitalise, operationWords } from '../words/operation.ts';
import { toSize } from '../words/time.ts';
import { Compare } from './compare.tsx';

type Props = {
  batch: BatchStatusObject;
  /** Null: not read yet. */
  config: BatchConfig | null;
  item: ItemResult;
  onClose: () => void;
};

export function ItemPanel({ batch, config, item, onClose }: Props) {
  const name = toItemName(item);
  const { one } = operationWords(batch.operation);
  const panel = useRef<HTMLElement>(null);
  // On a narrow page it opens above the item that was chosen.
  useEffect(() => {
    panel.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <aside ref={panel} class="panel" aria-label={`${capitalise(one)} ${name}`}>
      <div class="section-head">
        <h3>{name}</h3>
        <button type="button" class="quiet" aria-label={`Close this ${one}`} onClick={onClose}>
          ×
        </button>
      </div>
      {hasPicture(item, batch.operation) && <BeforeAfter config={config} item={item} name={name} />}
      <Facts item={item} operation={batch.operation} />
    </aside>
  );
}

function BeforeAfter({ config, item, name }: Pick<Props, 'config' | 'item'> & { name: string }) {
  if (config === null) return <div class="stage" />;
  const look = toLook(config);
  return (
    <>
      <Compare photoId={item.photo_id} name={name} preset={look.preset ?? null} blend={look.blend} />
      <p class="look-words">{toLookWords(look)}</p>
    </>
  );
}

function Facts({ item, operation }: { item: ItemResult; operation: OperationName }) {
  const { output, failure, warnings, attempts, duration_ms } = item;
  return (
    <dl class="facts">
      <div>
        <dt>State</dt>
        <dd>
          {operation === 'develop' ? itemStatusWords[item.status] : toItemRow(item, operation).state}
          {attempts > 1 ? `, attempt ${attempts}` : ''}
        </dd>
      </div>
      {failure !== undefined && (
        <div class="bad">
          <dt>{toFailureTitle(failure.code)}</dt>
          <dd>{failure.message}</dd>
        </div>
      )}
      {output !== undefined && (
        <div>
          <dt>Output</dt>
          <dd>
            <code>{output.path}</code>
            <br />
            {output.width} × {output.height}, {toSize(output.bytes)}
            {duration_ms === null ? '' : `, ${Math.round(duration_ms)} ms`}
          </dd>
        </div>
      )}
      {item.path !== null && (
        <div>
          <dt>Original</dt>
          <dd>
            <code>{item.path}</code>
          </dd>
        </div>
      )}
      {toShown(item).map(([name, value]) => (
        <div key={name}>
          <dt>{capitalise(name.replaceAll('_', ' '))}</dt>
          <dd>{toDetail(value)}</dd>
        </div>
      ))}
      {warnings.length > 0 && (
        <div>
          <dt>Notes</dt>
          <dd>{warnings.join('; ')}</dd>
        </div>
      )}
    </dl>
  );
}

/** Their words stand above already. */
const told = new Set(['outcome', 'success', 'reason_code', 'status_update']);

function toShown({ details, failure }: ItemResult): [string, string | number | boolean | null][] {
  const isNews = ([name, value]: [string, unknown]) => !told.has(name) && value !== failure?.message;
  return Object.entries(details ?? {}).filter(isNews);
}

function toDetail(value: string | number | boolean | null): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === null || value === '' ? '–' : String(value);
}
