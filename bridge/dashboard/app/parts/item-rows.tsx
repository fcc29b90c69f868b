/** The items of a batch that are no photos, one a row: what it is, what became of it, and why. */
import { memo } from 'hono/jsx/dom';
import type { OperationName } from '../../../client/index.ts';
import { type CaptionText, loadCaptionTexts } from '../state/caption-texts.ts';
import { toItemName } from '../words/item.ts';
import { type ItemRow, toItemRow } from '../words/item-row.ts';
import { capitalise, operationWords } from '../words/operation.ts';
import { toRowLayout } from './grid-layout.ts';
import { isSameTile, LongList, type TileProps, tileAttributes } from './long-list.tsx';
import type { ItemsProps } from './photo-grid.tsx';

type Props = ItemsProps & { batchId: string; operation: OperationName };

export function ItemRows({ batchId, operation, ...props }: Props) {
  const { one, many } = operationWords(operation);
  const texts = loadCaptionTexts(batchId);
  return (
    <LongList
      {...props}
      class="grid rows"
      label={capitalise(many)}
      nothing={`No ${one} here.`}
      toLayout={toRowLayout}
      renderTile={(tile) => <Row key={tile.index} {...tile} operation={operation} texts={texts} />}
    />
  );
}

type RowProps = TileProps & { operation: OperationName; texts: ReadonlyMap<string, CaptionText> };

const Row = memo((props: RowProps) => {
  const { item, before, operation, texts, isActive, isChosen, onChoose } = props;
  if (item === undefined) return <li class="item-row" {...tileAttributes(props)} />;
  const name = toItemName(item);
  const text = texts.get(name);
  const row = toItemRow(item, operation);
  const group = row.group ?? text?.post ?? null;
  const groupBefore = before === undefined ? null : toGroup(before, operation, texts);
  return (
    <li
      class="item-row"
      data-tone={row.tone}
      data-joined={group !== null && group === groupBefore ? '' : undefined}
      {...tileAttributes(props)}
    >
      {operation === 'captions' && <span class="group">{group === null ? '' : `Post ${group}`}</span>}
      <button
        type="button"
        tabindex={isActive ? 0 : -1}
        aria-pressed={isChosen ? 'true' : 'false'}
        title={text?.text ?? name}
        onClick={() => onChoose(item)}
      >
        <span class="name">{name}</span>
        {text !== undefined && <span class="text">{text.text}</span>}
      </button>
      <State row={row} status={item.status} />
    </li>
  );
}, isSameTile);

function State({ row, status }: { row: ItemRow; status: string }) {
  return (
    <span class="row-state" data-status={status}>
      <span class="dot" aria-hidden="true" />
      <span class="row-words">
        <span class="word">{row.state}</span>
        {row.note !== null && <span class="why"> {row.note}</span>}
        {row.link !== null && (
          <a href={row.link} target="_blank" rel="noopener noreferrer">
            {row.link}
          </a>
        )}
      </span>
    </span>
  );
}

function toGroup(
  item: NonNullable<TileProps['item']>,
  operation: OperationName,
  texts: RowProps['texts'],
): string | null {
  return toItemRow(item, operation).group ?? texts.get(toItemName(item))?.post ?? null;
}
