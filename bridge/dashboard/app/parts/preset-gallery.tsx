/** Presets as cards with a picture of one photo in each, made when a card comes into view. One of them can be chosen. */
import { memo, useEffect, useRef, useState } from 'hono/jsx/dom';
import type { PresetSummary } from '../../../client/index.ts';
import { galleryTurns, Picture } from './picture.tsx';

type Props = {
  presets: readonly PresetSummary[];
  /** Null: no photo to show them on. */
  photoId: number | null;
  chosen: string | null;
  onChoose: (name: string | null) => void;
  /** Name of the group of radio buttons. */
  name: string;
  label: string;
  /** Offers a card for no preset. */
  withNone?: boolean;
};

const WIDTH = 240;

export function PresetGallery({ presets, photoId, chosen, onChoose, name, label, withNone }: Props) {
  return (
    <div class="gallery" role="radiogroup" aria-label={label}>
      {withNone === true && (
        <PresetCard
          preset={null}
          photoId={photoId}
          isChosen={chosen === null}
          onChoose={onChoose}
          name={name}
        />
      )}
      {presets.map((preset) => (
        <PresetCard
          key={preset.name}
          preset={preset}
          photoId={photoId}
          isChosen={preset.name === chosen}
          onChoose={onChoose}
          name={name}
        />
      ))}
    </div>
  );
}

type CardProps = {
  preset: PresetSummary | null;
  photoId: number | null;
  isChosen: boolean;
  onChoose: (name: string | null) => void;
  name: string;
};

const PresetCard = memo(
  ({ preset, photoId, isChosen, onChoose, name }: CardProps) => {
    const card = useRef<HTMLLabelElement>(null);
    const [isSeen, setSeen] = useState(false);
    useEffect(() => watchSight(card.current, () => setSeen(true)), []);
    const preview = preset === null ? { blend: 0, width: WIDTH } : { preset: preset.name, width: WIDTH };
    return (
      <label ref={card} class="preset" data-preset={preset?.name ?? ''}>
        <input type="radio" name={name} checked={isChosen} onInput={() => onChoose(preset?.name ?? null)} />
        <span class="frame-of-picture">
          {photoId !== null && isSeen && preset?.problem == null && (
            <Picture source={{ photoId, preview }} label="" turns={galleryTurns} settleMs={60} />
          )}
        </span>
        <span class="name">{preset?.name ?? 'No preset'}</span>
        {preset?.problem != null && <span class="problem">{preset.problem}</span>}
      </label>
    );
  },
  (a, b) =>
    a.preset?.name === b.preset?.name &&
    a.preset?.problem === b.preset?.problem &&
    a.photoId === b.photoId &&
    a.isChosen === b.isChosen &&
    a.onChoose === b.onChoose,
);

function watchSight(element: HTMLElement | null, onSeen: () => void): (() => void) | undefined {
  if (element === null) return undefined;
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      onSeen();
    },
    { rootMargin: '100px' },
  );
  observer.observe(element);
  return () => observer.disconnect();
}
