/** One photo of a batch: before and after at the batch's look, where its output lies, or why it failed. */
import { useEffect, useRef, useState } from 'hono/jsx/dom';
import type { BatchStatusObject, ItemResult } from '../../../client/index.ts';
import { type BatchLook, loadLook } from '../state/looks.ts';
import { usePresets } from '../state/use-presets.ts';
import { itemStatusWords, toFailureTitle } from '../words/batch.ts';
import { hasPicture, toItemName } from '../words/item.ts';
import { toSize } from '../words/time.ts';
import { Blend } from './blend.tsx';
import { Compare } from './compare.tsx';
import { PresetSelect } from './preset-select.tsx';

type Props = { batch: BatchStatusObject; item: ItemResult; onClose: () => void };

export function PhotoPanel({ batch, item, onClose }: Props) {
  const known = loadLook(batch.batch_id);
  const isPictured = hasPicture(item, batch.operation);
  const [look, setLook] = useState<BatchLook>(known ?? { preset: null, blend: 100 });
  const name = toItemName(item);
  const panel = useRef<HTMLElement>(null);
  // On a narrow page it opens above the photo that was chosen.
  useEffect(() => {
    panel.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <aside ref={panel} class="panel" aria-label={`Photo ${name}`}>
      <div class="section-head">
        <h3>{name}</h3>
        <button type="button" class="quiet" aria-label="Close this photo" onClick={onClose}>
          ×
        </button>
      </div>
      {isPictured && <Compare photoId={item.photo_id} name={name} preset={look.preset} blend={look.blend} />}
      {known === null ? (
        isPictured && <LookChoice look={look} onChange={setLook} />
      ) : (
        <p class="look">{`${known.preset ?? 'No preset'} at ${known.blend} %`}</p>
      )}
      <Facts item={item} />
    </aside>
  );
}

function LookChoice({ look, onChange }: { look: BatchLook; onChange: (look: BatchLook) => void }) {
  const { presets } = usePresets();
  return (
    <div class="look-choice">
      <p class="hint">This batch was not started in this browser. Choose the look to compare with.</p>
      <PresetSelect
        presets={presets}
        value={look.preset}
        label="Preset"
        onChoose={(preset) => onChange({ ...look, preset })}
      />
      <Blend value={look.blend} onChange={(blend) => onChange({ ...look, blend })} />
    </div>
  );
}

function Facts({ item }: { item: ItemResult }) {
  const { output, failure, warnings, attempts, duration_ms } = item;
  return (
    <dl class="facts">
      <div>
        <dt>State</dt>
        <dd>
          {itemStatusWords[item.status]}
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
      {Object.entries(item.details ?? {}).map(([name, value]) => (
        <div key={name}>
          <dt>{name.replaceAll('_', ' ')}</dt>
          <dd>{String(value ?? '–')}</dd>
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
