import { filterLists } from "../../sheets/layout/filter.ts";
import type { SheetRows } from "../../sheets/layout/sheet-rows.ts";

/** A sheet's rows for who may see some of them; what is of everybody, the status and its faults, is left out. */
export function rowsSeen(
  rows: SheetRows,
  sees: (row: { region: string; eventId: string }) => boolean,
): SheetRows {
  const { days } = rows;
  return { ...filterLists(rows, sees), ...(days && { days: { ...days, unreadable: [] } }) };
}
