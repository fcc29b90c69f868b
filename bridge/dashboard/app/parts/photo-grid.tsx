/** The photos of a batch as a grid of any length: only the tiles that can be seen are in the document. */
import { memo, useEffect, useRef, useState } from 'hono/jsx/dom';
import type { BatchStatusObject, ItemResult } from '../../../client/index.ts';
import type { ItemList } from '../state/item-list.ts';
import { useSelected } from '../state/store.ts';
import { itemStatusWords } from '../words/batch.ts';
import { hasPicture, toItemName } from '../words/item.ts';
import {
  type GridLayout,
  toGridHeight,
  toGridLayout,
  toNextIndex,
  toPlace,
  toVisible,
} from './grid-layout.ts';
import { Picture } from './picture.tsx';

type Props = {
  list: ItemList;
  operation: BatchStatusObject['operation'];
  /** How many there are, when that is known before they are read. */
  total: number | null;
  chosen: number | null;
  onChoose: (item: ItemResult) => void;
};

const THUMBNAIL = 320;
/** Tiles that only fly by ask for no picture. */
const SETTLE_MS = 120;

export function PhotoGrid({ list, operation, total, chosen, onChoose }: Props) {
  const { items, isWhole, problem } = useSelected(list.store, (state) => state);
  const scroller = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [top, setTop] = useState(0);
  const [active, setActive] = useState(0);
  useEffect(() => watchSize(scroller.current, setSize), []);
  const layout = toGridLayout(size.width);
  const count = total ?? items.length + (isWhole ? 0 : layout.columns);
  const [first, end] = size.width === 0 ? [0, 0] : toVisible(layout, { top, height: size.height }, count);
  useEffect(() => list.want(Math.max(end, 1)), [list, end]);

  function onKeyDown(event: KeyboardEvent): void {
    const rows = Math.max(1, Math.floor(size.height / layout.rowHeight));
    const next = toNextIndex(layout, event.key, { index: active, count, rows });
    if (next === null) return;
    event.preventDefault();
    setActive(next);
    focusTile(scroller.current, layout, next);
  }

  const tiles = Array.from({ length: Math.max(0, end - first) }, (_, offset) => first + offset);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the buttons inside
    <div
      ref={scroller}
      class="grid"
      style={{ '--full': `${toGridHeight(layout, count)}px` }}
      onScroll={(event: Event) => setTop((event.target as HTMLElement).scrollTop)}
      onKeyDown={onKeyDown}
    >
      {problem !== null && <p role="alert">{problem}</p>}
      {problem === null && isWhole && items.length === 0 && <p class="nothing">No photo here.</p>}
      <ul aria-label="Photos" style={{ height: `${toGridHeight(layout, count)}px` }}>
        {tiles.map((index) => (
          <Tile
            key={index}
            index={index}
            count={count}
            layout={layout}
            item={items[index]}
            operation={operation}
            isActive={index === active}
            isChosen={items[index] !== undefined && items[index].photo_id === chosen}
            onChoose={onChoose}
          />
        ))}
      </ul>
    </div>
  );
}

type TileProps = {
  index: number;
  count: number;
  layout: GridLayout;
  item: ItemResult | undefined;
  operation: BatchStatusObject['operation'];
  isActive: boolean;
  isChosen: boolean;
  onChoose: (item: ItemResult) => void;
};

const Tile = memo(
  ({ index, count, layout, item, operation, isActive, isChosen, onChoose }: TileProps) => {
    const { x, y } = toPlace(layout, index);
    const name = item === undefined ? 'Loading' : toItemName(item);
    const state = item === undefined ? '' : itemStatusWords[item.status];
    return (
      <li
        class="tile"
        aria-posinset={index + 1}
        aria-setsize={count}
        data-index={index}
        data-status={item?.status}
        style={{
          transform: `translate(${x}px, ${y}px)`,
          width: `${layout.tileWidth}px`,
          height: `${layout.rowHeight - layout.gap}px`,
        }}
      >
        <button
          type="button"
          tabindex={isActive ? 0 : -1}
          aria-pressed={isChosen ? 'true' : 'false'}
          aria-label={`${name}, ${state}${item?.failure ? `: ${item.failure.message}` : ''}`}
          title={item?.failure?.message ?? name}
          onClick={() => item !== undefined && onChoose(item)}
        >
          <span class="frame-of-picture">
            {item !== undefined && hasPicture(item, operation) && (
              <Picture source={{ photoId: item.photo_id, size: THUMBNAIL }} label="" settleMs={SETTLE_MS} />
            )}
          </span>
          <span class="caption">
            <span class="dot" aria-hidden="true" />
            <span class="name">{name}</span>
          </span>
        </button>
      </li>
    );
  },
  (a, b) =>
    a.index === b.index &&
    a.count === b.count &&
    a.item === b.item &&
    a.isActive === b.isActive &&
    a.isChosen === b.isChosen &&
    a.layout.tileWidth === b.layout.tileWidth &&
    a.layout.columns === b.layout.columns,
);

function watchSize(
  element: HTMLElement | null,
  tell: (size: { width: number; height: number }) => void,
): (() => void) | undefined {
  if (element === null) return undefined;
  const read = () => tell({ width: element.clientWidth, height: element.clientHeight });
  const observer = new ResizeObserver(read);
  observer.observe(element);
  read();
  return () => observer.disconnect();
}

/** Brings the tile into view and, when it has been drawn there, to the focus. */
function focusTile(scroller: HTMLElement | null, layout: GridLayout, index: number): void {
  if (scroller === null) return;
  const { y } = toPlace(layout, index);
  const bottom = y + layout.rowHeight;
  if (y < scroller.scrollTop) scroller.scrollTop = y;
  else if (bottom > scroller.scrollTop + scroller.clientHeight)
    scroller.scrollTop = bottom - scroller.clientHeight;
  let tries = 10;
  const focus = () => {
    const button = scroller.querySelector<HTMLElement>(`[data-index="${index}"] button`);
    if (button !== null) button.focus({ preventScroll: true });
    else if (tries-- > 0) requestAnimationFrame(focus);
  };
  // At once when it is there: the next key may follow before the next frame.
  focus();
}
