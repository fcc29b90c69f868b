/** The photos of a batch as a grid of thumbnails. */
import { memo } from 'hono/jsx/dom';
import type { ItemResult } from '../../../client/index.ts';
import type { ItemList } from '../state/item-list.ts';
import { itemStatusWords } from '../words/batch.ts';
import { hasPicture, toItemName } from '../words/item.ts';
import { toGridLayout } from './grid-layout.ts';
import { isSameTile, LongList, type TileProps, tileAttributes } from './long-list.tsx';
import { Picture } from './picture.tsx';

export type ItemsProps = {
  list: ItemList;
  total: number | null;
  chosen: number | null;
  onChoose: (item: ItemResult) => void;
};

const THUMBNAIL = 320;
/** Tiles that only fly by ask for no picture. */
const SETTLE_MS = 120;

export function PhotoGrid(props: ItemsProps) {
  return (
    <LongList
      {...props}
      class="grid"
      label="Photos"
      nothing="No photo here."
      toLayout={toGridLayout}
      renderTile={(tile) => <Tile key={tile.index} {...tile} />}
    />
  );
}

const Tile = memo((tile: TileProps) => {
  const { item, isActive, isChosen, onChoose } = tile;
  const name = item === undefined ? 'Loading' : toItemName(item);
  const state = item === undefined ? '' : itemStatusWords[item.status];
  return (
    <li class="tile" {...tileAttributes(tile)}>
      <button
        type="button"
        tabindex={isActive ? 0 : -1}
        aria-pressed={isChosen ? 'true' : 'false'}
        aria-label={`${name}, ${state}${item?.failure ? `: ${item.failure.message}` : ''}`}
        title={item?.failure?.message ?? name}
        onClick={() => item !== undefined && onChoose(item)}
      >
        <span class="frame-of-picture">
          {item !== undefined && hasPicture(item, 'develop') && (
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
}, isSameTile);
