/** Finds the row of each status that is to be written, also when rows moved since the file was opened. Pure. */

/** `id`: the row's `bucket_truck_id`, so that a status never lands in another record's row. */
export type StatusEdit = { row: number; id: string; text: string };

/** A row found in the file as it is now, with the status it has. */
export type FoundRow = { row: number; id: string; status: string };

/** `texts`: by row, without those that stand there already. `missed`: statuses whose record is not in the file any more, or is there twice in other rows. */
export type PlacedEdits = { texts: Map<number, string>; missed: StatusEdit[] };

export function placeEdits(rows: readonly FoundRow[], edits: readonly StatusEdit[]): PlacedEdits {
  const byRow = new Map(rows.map((found) => [found.row, found]));
  const rowsOf = new Map<string, number[]>();
  for (const { row, id } of rows) rowsOf.set(id, [...(rowsOf.get(id) ?? []), row]);
  const texts = new Map<number, string>();
  const missed: StatusEdit[] = [];
  for (const edit of edits) {
    const others = rowsOf.get(edit.id) ?? [];
    const row = byRow.get(edit.row)?.id === edit.id ? edit.row : others.length === 1 ? others[0] : undefined;
    if (row === undefined) missed.push(edit);
    else if (byRow.get(row)?.status !== edit.text) texts.set(row, edit.text);
  }
  return { texts, missed };
}
