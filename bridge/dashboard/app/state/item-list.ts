/** The photos of one batch as far as they have been read, page by page in the daemon's order. */
import type { ItemPage, ItemResult, ItemStatus } from '../../../client/index.ts';
import { createStore } from './store.ts';

export type ItemListState = {
  items: readonly ItemResult[];
  /** There is nothing behind the last one. */
  isWhole: boolean;
  problem: string | null;
};

type Options = {
  filter: ItemStatus | null;
  /** Reads one page; `cursor` is the one before's. */
  read(cursor: string | undefined, limit: number): Promise<ItemPage>;
  explain(thrown: unknown): string;
};

const PAGE = 500;
const GATHER_MS = 700;

export type ItemList = ReturnType<typeof createItemList>;

export function createItemList({ filter, read, explain }: Options) {
  const store = createStore<ItemListState>({ items: [], isWhole: false, problem: null });
  let cursor: string | undefined;
  let wanted = 1;
  let isFilling = false;
  let due: ReturnType<typeof setTimeout> | null = null;
  let isStale = false;
  let isClosed = false;

  /** One at a time: the cursor of a page is known only when the one before is there. */
  async function fill(): Promise<void> {
    while (!isClosed && (isStale || (!store.get().isWhole && store.get().items.length < wanted))) {
      if (isStale) await readAgain();
      else {
        const page = await read(cursor, PAGE);
        cursor = page.next_cursor ?? undefined;
        store.set({
          items: [...store.get().items, ...page.photos],
          isWhole: cursor === undefined,
          problem: null,
        });
      }
    }
  }

  /** What was read is shown until as much is there again. */
  async function readAgain(): Promise<void> {
    isStale = false;
    const length = Math.max(1, Math.min(store.get().items.length, wanted + PAGE));
    const items: ItemResult[] = [];
    let next: string | undefined;
    do {
      const page: ItemPage = await read(next, PAGE);
      items.push(...page.photos);
      next = page.next_cursor ?? undefined;
    } while (next !== undefined && items.length < length && !isClosed);
    cursor = next;
    store.set({ items, isWhole: next === undefined, problem: null });
  }

  function work(): void {
    if (isFilling) return;
    isFilling = true;
    fill()
      .catch((thrown: unknown) => store.set({ problem: explain(thrown) }))
      .finally(() => {
        isFilling = false;
      });
  }

  function reloadSoon(): void {
    if (due !== null) return;
    due = setTimeout(() => {
      due = null;
      isStale = true;
      work();
    }, GATHER_MS);
  }

  return {
    store,
    reloadSoon,
    /** Reads on until `count` are there. */
    want(count: number): void {
      wanted = count;
      work();
    },
    /** Results as the daemon told them. In a filtered list they may come or go, so it is read again. */
    take(settled: readonly ItemResult[]): void {
      if (filter !== null) {
        reloadSoon();
        return;
      }
      const news = new Map(settled.map((item) => [item.photo_id, item]));
      store.set({ items: store.get().items.map((item) => news.get(item.photo_id) ?? item) });
    },
    close(): void {
      isClosed = true;
      if (due !== null) clearTimeout(due);
    },
  };
}
