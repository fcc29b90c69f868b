/** Before and after of one photo, divided by a line that can be moved. */
import { useState } from 'hono/jsx/dom';
import type { PreviewRequest } from '../../../client/index.ts';
import { Picture } from './picture.tsx';
import { createTurns } from './turns.ts';

type Props = {
  photoId: number;
  name: string;
  /** Its name, or a whole preset; null: none. */
  preset: NonNullable<PreviewRequest['preset']> | null;
  /** Percent. */
  blend: number;
};

const WIDTH = 1200;
/** Before the eye is on it nothing else matters. */
const turns = createTurns(2);
/** A slider that is being moved asks when it rests. */
const SETTLE_MS = 90;

export function Compare({ photoId, name, preset, blend }: Props) {
  const [split, setSplit] = useState(50);
  const after = preset === null ? { blend: 0, width: WIDTH } : { preset, blend, width: WIDTH };
  return (
    <figure class="compare">
      <div class="stage" style={{ '--split': `${split}%` }}>
        <Picture
          source={{ photoId, preview: { blend: 0, width: WIDTH } }}
          label={`${name} before`}
          class="before"
          turns={turns}
        />
        <Picture
          source={{ photoId, preview: after }}
          label={`${name} after`}
          class="after"
          turns={turns}
          settleMs={SETTLE_MS}
        />
        <span class="tag left" aria-hidden="true">
          Before
        </span>
        <span class="tag right" aria-hidden="true">
          After
        </span>
        <span class="line" aria-hidden="true" />
        <input
          type="range"
          min="0"
          max="100"
          value={String(split)}
          aria-label="Line between before and after"
          aria-valuetext={`${split} % before`}
          onInput={(event: Event) => setSplit(Number((event.target as HTMLInputElement).value))}
        />
      </div>
    </figure>
  );
}
