import type { sheets_v4 } from "@googleapis/sheets";

/** One of Google's requests in a batch. */
export type SheetRequest = sheets_v4.Schema$Request;

/** A cell as it was found; `null` where it is empty. */
export interface FoundCell {
  value: string | number | boolean | null;
  /** Worked out from a formula, which of ours only small charts are. */
  isFormula: boolean;
  /** Google's name of what its number format shows: `DATE_TIME`, `PERCENT`, ... */
  formatType: string | null;
  /** How its number format shows it. */
  pattern?: string | undefined;
  note?: string;
  /** Of what somebody chose for its letters, what we ever write. */
  letters?: Pick<sheets_v4.Schema$TextFormat, "bold" | "strikethrough" | "foregroundColor">;
}

/** Rows under a filter of somebody's, its header included. */
export interface Filtered {
  start: number;
  end: number;
}

/** What is said of a range to whoever edits it. */
export interface Noted {
  /** The range's first. */
  column: number;
  description: string;
}

/** Cells in which the spreadsheet's owner lets us write nothing. */
export interface Closed {
  rows: { start: number; end: number };
  columns: { start: number; end: number };
}

/** A tab and its cells; rows and cells that are empty to the end may be missing. */
export interface FoundTab {
  sheetId: number;
  title: string;
  rowCount: number;
  columnCount: number;
  rows: readonly (readonly FoundCell[])[];
  /** Of filters, filter views and what Google calls tables. */
  filtered?: readonly Filtered[];
  /** Of protected ranges, ours among them. */
  noted?: readonly Noted[];
  closed?: readonly Closed[];
}

export interface Found {
  tabs: readonly FoundTab[];
  /** Numbers that a new tab may not take. */
  takenIds: readonly number[];
  /** The tab that every new spreadsheet has, where there is no other one and nobody has touched it. */
  untouchedId?: number;
  /** What clock the spreadsheet's own functions are by, where it says one that is known. */
  timezone?: string;
}

/** The spreadsheet as the mirror needs it. Every call has an end and fails with a `Failure`. */
export interface Spreadsheet {
  /** The tabs of these titles, as far as they are there. */
  read(titles: readonly string[]): Promise<Found>;
  /** Carries out all requests or none, and gives the tabs of these titles as they are right after. */
  write(requests: readonly SheetRequest[], readBack?: readonly string[]): Promise<Found>;
}

/** Google takes two titles that differ in case only for one. */
export const sameTitle = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
