import { z } from "zod";
import { type Draft, GridRange } from "./document.ts";
import { invalid } from "./refusal.ts";
import { GridCoordinate, meet } from "./requests/kind.ts";

/** Who writes: the owner may do everything, an editor nothing in what the owner keeps for others. */
export type Writer = "owner" | "editor";

const Rows = z.array(z.looseObject({ values: z.array(z.unknown()).default([]) })).default([]);

/** Of any request that writes cells, where it does. */
const Writes = z.union([
  z.looseObject({ range: GridRange }),
  z.looseObject({ start: GridCoordinate, rows: Rows }).transform(({ start, rows }) => ({
    range: {
      sheetId: start.sheetId,
      startRowIndex: start.rowIndex,
      endRowIndex: start.rowIndex + rows.length,
      startColumnIndex: start.columnIndex,
      endColumnIndex: start.columnIndex + Math.max(0, ...rows.map(({ values }) => values.length)),
    },
  })),
]);

// Whom a protection keeps out: one account alone cannot show it.
const WRITING = ["updateCells", "repeatCell"];

/** A range that only warns lets everybody write. */
export function refuseProtected({ sheets }: Draft, name: string, body: unknown) {
  const written = WRITING.includes(name) ? Writes.safeParse(body).data?.range : undefined;
  const sheet = sheets.find(({ properties }) => properties.sheetId === written?.sheetId);
  const kept = sheet?.protectedRanges.filter(({ warningOnly }) => !warningOnly) ?? [];
  if (written && kept.some(({ range }) => meet(range, written)))
    throw invalid(
      "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection if you need to edit.",
    );
}
