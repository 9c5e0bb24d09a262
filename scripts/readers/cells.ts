/** A date is a clock's time, as ISO without a zone or as if it were UTC's. */
export type ReadCell = string | number | boolean | { date: string } | null;

/** By sheet, and in it by address (`B2`); what is empty is not there. */
export type ReadSheets = Record<string, Record<string, ReadCell>>;

export const addressOf = (row: number, column: number) => `${lettersOf(column)}${row + 1}`;

function lettersOf(column: number): string {
  const before = column >= 26 ? lettersOf(Math.floor(column / 26) - 1) : "";
  return before + String.fromCharCode(65 + (column % 26));
}

/** A row for each, under the names of the first one. */
export function recordsOf(cells: Record<string, ReadCell>): Record<string, ReadCell>[] {
  const headers: string[] = [];
  for (let at = 0; typeof cells[addressOf(0, at)] === "string"; at += 1)
    headers.push(String(cells[addressOf(0, at)]));
  const last = Object.keys(cells).reduce(
    (most, at) => Math.max(most, Number(/\d+$/.exec(at)?.[0] ?? 0)),
    0,
  );
  return Array.from({ length: Math.max(0, last - 1) }, (_, row) =>
    Object.fromEntries(
      headers.map((header, at) => [header, cells[addressOf(row + 1, at)] ?? null]),
    ),
  );
}

/** What a spreadsheet keeps of a time is a fraction of a day, which is a little beside it. */
const A_SECOND_MS = 1_000;

export function isSameCell(one: ReadCell, other: ReadCell): boolean {
  if (typeof one === "number" && typeof other === "number") return Math.abs(one - other) < 1e-9;
  if (isDate(one) && isDate(other)) return Math.abs(msOf(one) - msOf(other)) <= A_SECOND_MS;
  return one === other;
}

export const isDate = (cell: ReadCell): cell is { date: string } =>
  typeof cell === "object" && cell !== null;

export const msOf = ({ date }: { date: string }) =>
  Date.parse(/[zZ]$/.test(date) ? date : `${date.includes("T") ? date : `${date}T00:00:00`}Z`);
