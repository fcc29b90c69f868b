/** What a batch's card shows, held against what the daemon told: the page's numbers are always those of one status object. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { TestDaemon } from '../../helpers/daemon.ts';
import { readCard, type Shown, shownFields, toShown, type Watched } from './open-page.ts';

/** The machine may be busy with other tests. */
export const patient = { timeout: 20_000 };

const toKey = (shown: Shown) => JSON.stringify([shown.seq, ...shownFields.map((field) => shown[field])]);

/** What the page shows is one object the daemon told it, as a whole. */
export function expectTold({ told }: Watched, batchId: string, shown: readonly Shown[]): void {
  const known = new Set(
    told.filter(({ batch_id }) => batch_id === batchId).map((status) => toKey(toShown(status))),
  );
  expect(shown.filter((one) => !known.has(toKey(one)))).toEqual([]);
}

/** Looks at the card until it shows what is waited for; all that was seen on the way. */
export async function watchCard(
  page: Page,
  batchId: string,
  until: (shown: Shown) => boolean,
): Promise<Shown[]> {
  const seen: Shown[] = [];
  for (;;) {
    const shown = await readCard(page, batchId);
    if (shown !== null) seen.push(shown);
    if (shown !== null && until(shown)) return seen;
  }
}

/** At rest the page shows what the daemon says when it is asked. */
export async function expectEqual(
  page: Page,
  { client }: Pick<TestDaemon, 'client'>,
  batchId: string,
): Promise<void> {
  const look = async () => {
    const shown = await readCard(page, batchId);
    const said = toShown(await client.batches.status(batchId));
    return { shown: shown === null ? 'nothing' : toKey(shown), said: toKey(said) };
  };
  await expect.poll(look, patient).toSatisfy(({ shown, said }) => shown === said);
}

/** Collects in `shifts` what moves by itself from now on. */
export const watchShifts = `
  globalThis.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries())
      shifts.push(value.toFixed(4) + ' ' + sources.map(({ node }) => node?.className ?? node?.nodeName).join(' '));
  }).observe({ type: 'layout-shift', buffered: false });
`;
