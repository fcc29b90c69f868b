/** Where the tiles of a long grid lie, and which of them can be seen. Pure; all lengths in CSS pixels. */

export type GridLayout = { columns: number; tileWidth: number; rowHeight: number; gap: number };

const GAP = 10;
const CAPTION = 30;
const LEAST_TILE = 150;
const LEAST_TILE_PHONE = 80;
/** Rows beyond the edges that are drawn too. */
const OVERSCAN = 2;

export function toGridLayout(width: number): GridLayout {
  const least = width < 480 ? LEAST_TILE_PHONE : LEAST_TILE;
  const columns = Math.max(1, Math.floor((width + GAP) / (least + GAP)));
  const tileWidth = Math.max(1, (width - GAP * (columns - 1)) / columns);
  return { columns, tileWidth, rowHeight: Math.round(tileWidth * 0.75) + CAPTION + GAP, gap: GAP };
}

const ROW = 58;
/** The state stands below the name. */
const ROW_PHONE = 104;

/** One item a row. */
export function toRowLayout(width: number): GridLayout {
  return { columns: 1, tileWidth: Math.max(1, width), rowHeight: width < 520 ? ROW_PHONE : ROW, gap: 0 };
}

export function toGridHeight({ columns, rowHeight }: GridLayout, count: number): number {
  return Math.ceil(count / columns) * rowHeight;
}

export type Window = { top: number; height: number };

/** First index and the one behind the last that are drawn. */
export function toVisible(layout: GridLayout, { top, height }: Window, count: number): [number, number] {
  const first = Math.max(0, Math.floor(top / layout.rowHeight) - OVERSCAN);
  const last = Math.ceil((top + height) / layout.rowHeight) + OVERSCAN;
  return [Math.min(first * layout.columns, count), Math.min(last * layout.columns, count)];
}

export function toPlace({ columns, tileWidth, rowHeight, gap }: GridLayout, index: number) {
  return { x: (index % columns) * (tileWidth + gap), y: Math.floor(index / columns) * rowHeight };
}

/** Where an arrow key leads from `index`; null for any other key. */
export function toNextIndex(
  layout: GridLayout,
  key: string,
  from: { index: number; count: number; rows: number },
) {
  const { index, count, rows } = from;
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -layout.columns,
    ArrowDown: layout.columns,
    PageUp: -layout.columns * rows,
    PageDown: layout.columns * rows,
    Home: -count,
    End: count,
  };
  const step = steps[key];
  return step === undefined ? null : Math.min(Math.max(index + step, 0), Math.max(count - 1, 0));
}
