/** The items of a batch as a list of any length: only the tiles that can be seen are in the document. */
import type { Child } from 'hono/jsx';
import { useEffect, useRef, useState } from 'hono/jsx/dom';
import type { ItemResult } from '../../../client/index.ts';
import type { ItemList } from '../state/item-list.ts';
import { useSelected } from '../state/store.ts';
import { type GridLayout, toGridHeight, toNextIndex, toPlace, toVisible } from './grid-layout.ts';

export type TileProps = {
  index: number;
  count: number;
  layout: GridLayout;
  item: ItemResult | undefined;
  /** Stands before it; undefined for the first one, and while it is not read. */
  before: ItemResult | undefined;
  /** The one that Tab leads to. */
  isActive: boolean;
  isChosen: boolean;
  onChoose: (item: ItemResult) => void;
};

type Props = {
  list: ItemList;
  /** How many there are, when that is known before they are read. */
  total: number | null;
  chosen: number | null;
  onChoose: (item: ItemResult) => void;
  /** `grid`, and what else it looks like. */
  class: string;
  /** What a screen reader calls it. */
  label: string;
  /** Said when there is none. */
  nothing: string;
  toLayout: (width: number) => GridLayout;
  /** Draws one; its root is a `li` with `tileAttributes`. */
  renderTile: (tile: TileProps) => Child;
};

export function LongList(props: Props) {
  const { list, total, chosen, onChoose, toLayout, renderTile } = props;
  const { items, isWhole, problem } = useSelected(list.store, (state) => state);
  const scroller = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [top, setTop] = useState(0);
  const [active, setActive] = useState(0);
  useEffect(() => watchSize(scroller.current, setSize), []);
  const layout = toLayout(size.width);
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
      class={props.class}
      style={{ '--full': `${toGridHeight(layout, count)}px` }}
      onScroll={(event: Event) => setTop((event.target as HTMLElement).scrollTop)}
      onKeyDown={onKeyDown}
    >
      {problem !== null && <p role="alert">{problem}</p>}
      {problem === null && isWhole && items.length === 0 && <p class="nothing">{props.nothing}</p>}
      <ul aria-label={props.label} style={{ height: `${toGridHeight(layout, count)}px` }}>
        {tiles.map((index) =>
          renderTile({
            index,
            count,
            layout,
            item: items[index],
            before: items[index - 1],
            isActive: index === active,
            isChosen: items[index] !== undefined && items[index].photo_id === chosen,
            onChoose,
          }),
        )}
      </ul>
    </div>
  );
}

/** Where a tile is, to the eye and to a screen reader. */
export function tileAttributes({ index, count, layout, item }: TileProps) {
  const { x, y } = toPlace(layout, index);
  return {
    'aria-posinset': index + 1,
    'aria-setsize': count,
    'data-index': index,
    'data-status': item?.status,
    style: {
      transform: `translate(${x}px, ${y}px)`,
      width: `${layout.tileWidth}px`,
      height: `${layout.rowHeight - layout.gap}px`,
    },
  };
}

export function isSameTile(a: TileProps, b: TileProps): boolean {
  return (
    a.index === b.index &&
    a.count === b.count &&
    a.item === b.item &&
    a.before === b.before &&
    a.isActive === b.isActive &&
    a.isChosen === b.isChosen &&
    a.layout.tileWidth === b.layout.tileWidth &&
    a.layout.rowHeight === b.layout.rowHeight &&
    a.layout.columns === b.layout.columns
  );
}

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
