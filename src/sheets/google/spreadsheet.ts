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
  /** A pivot table stands here, and fills cells beside and below. */
  isPivot?: boolean;
  /** Of what somebody chose for its letters, what we ever write. */
  letters?: Pick<sheets_v4.Schema$TextFormat, "bold" | "strikethrough" | "foregroundColor">;
}

/** Rows under a filter of somebody's, its header included. */
export interface Filtered {
  start: number;
  end: number;
}

/** A column of what Google calls a table to which somebody gave a type: how its numbers look is the type's. */
export interface Typed {
  column: number;
  /** The row of the table's header, and the first below the table. */
  header: number;
  end: number;
}

/** What is said of a range to whoever edits it. */
export interface Noted {
  /** The range's first. */
  column: number;
  description: string;
}

/** A rectangle of cells. */
export interface Area {
  rows: { start: number; end: number };
  columns: { start: number; end: number };
}

/** What we said of a tab to Google alone: of which of ours it is, and what that was to be called. */
export interface Mark {
  name: string;
  title: string;
}

/** One of our tabs; without a name whichever has the title. */
export interface Wanted {
  name?: string;
  title: string;
}

export interface CellAt {
  row: number;
  column: number;
}

/** A tab and its cells; rows and cells that are empty to the end may be missing. */
export interface FoundTab {
  sheetId: number;
  title: string;
  rowCount: number;
  columnCount: number;
  rows: readonly (readonly FoundCell[])[];
  /** Of filters, filter views, slicers and what Google calls tables. */
  filtered?: readonly Filtered[];
  typed?: readonly Typed[];
  /** Cells to the right of all that was typed, or below it, that a formula or a pivot table fills; where it was asked for. */
  filled?: readonly CellAt[];
  /** Of protected ranges, ours among them. */
  noted?: readonly Noted[];
  /** In which the spreadsheet's owner lets us write nothing. */
  closed?: readonly Area[];
  /** Of each only the first cell holds a value. */
  merged?: readonly Area[];
  /** A chart that was moved to a tab of its own. */
  hasNoCells?: boolean;
  /** Without those that a copy has from its original. */
  marks?: readonly Mark[];
}

export interface Found {
  tabs: readonly FoundTab[];
  /** Numbers that a new tab may not take. */
  takenIds: readonly number[];
  /** Of all tabs, ours or not. */
  titles?: readonly string[];
  /** The tab that every new spreadsheet has, where there is no other one and nobody has touched it. */
  untouchedId?: number;
  /** What clock the spreadsheet's own functions are by, where it says one that is known. */
  timezone?: string;
}

/** What of a tab is looked at: all that stands to the right of a column, and below a row. */
export interface Beyond extends Pick<FoundTab, "sheetId" | "title" | "rowCount" | "columnCount"> {
  row: number;
  column: number;
}

/** The spreadsheet as the mirror needs it. Every call has an end and fails with a `Failure`. */
export interface Spreadsheet {
  /** These tabs, as far as they are there, whatever people call them. */
  read(wanted: readonly Wanted[]): Promise<Found>;
  /** Of each tab's number, the cells from a column on and from a row on that show something. */
  readFilled(beyond: readonly Beyond[]): Promise<ReadonlyMap<number, readonly CellAt[]>>;
  /** Carries out all requests or none, and gives the tabs of these titles as they are right after. */
  write(requests: readonly SheetRequest[], readBack?: readonly string[]): Promise<Found>;
}

/** Google takes two titles that differ in case only for one. */
export const sameTitle = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/**
 * The tab that is meant: the one that bears its mark, which goes along wherever it is moved and however it is
 * renamed, or else the one of its title, unless that is another one of ours.
 */
export function tabOf<Tab extends Pick<FoundTab, "title" | "marks">>(
  tabs: readonly Tab[],
  { name, title }: Wanted,
): Tab | undefined {
  const called = tabs.filter((tab) => sameTitle(tab.title, title));
  const marked = [...called, ...tabs].find(({ marks }) =>
    marks?.some((mark) => mark.name === name && sameTitle(mark.title, title)),
  );
  const isAnother = ({ marks = [] }: Tab) =>
    name !== undefined && marks.length > 0 && !marks.some((mark) => mark.name === name);
  return marked ?? called.find((tab) => !isAnother(tab));
}
