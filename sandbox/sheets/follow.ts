import type { BasicFilter, Cell, GridRange, Row, Sheet } from "./document.ts";

/** A change of a tab's order or size, as steps; a move is a cut and an insertion. */
export interface Edit {
  dimension: "ROWS" | "COLUMNS";
  /** Where a row or column is afterwards; undefined where it is gone. */
  place: (index: number) => number | undefined;
  steps: readonly Step[];
  /** What is moved as a whole: a span within it goes along. */
  moved?: Span;
}

type Step = { insert: number; count: number } | { remove: number; count: number };

interface Span {
  start: number;
  end: number;
}

export const insertion = (dimension: Edit["dimension"], at: number, count: number): Edit => ({
  dimension,
  place: (index) => (index >= at ? index + count : index),
  steps: [{ insert: at, count }],
});

export const removal = (dimension: Edit["dimension"], at: number, count: number): Edit => ({
  dimension,
  place: (index) => {
    if (index < at) return index;
    return index < at + count ? undefined : index - count;
  },
  steps: [{ remove: at, count }],
});

/** `to` counts without what is moved. */
export function move(dimension: Edit["dimension"], from: Span, to: number): Edit {
  const count = from.end - from.start;
  return {
    dimension,
    place: (index) => {
      if (index >= from.start && index < from.end) return index - from.start + to;
      const left = index >= from.end ? index - count : index;
      return left >= to ? left + count : left;
    },
    moved: from,
    steps: [
      { remove: from.start, count },
      { insert: to, count },
    ],
  };
}

/**
 * A span grows with what is inserted within it, and not with what is inserted at its beginning or its end.
 * Probe: google/insert-at-a-range.
 */
function spanAfter({ start, end }: Span, { steps, moved, place }: Edit): Span | undefined {
  if (moved && start >= moved.start && end <= moved.end) {
    const now = place(start) ?? start;
    return { start: now, end: now + end - start };
  }
  let span = { start, end };
  for (const step of steps) {
    if ("insert" in step)
      span = {
        start: span.start >= step.insert ? span.start + step.count : span.start,
        end: span.end > step.insert ? span.end + step.count : span.end,
      };
    else {
      const before = (index: number) => Math.min(Math.max(0, index - step.remove), step.count);
      span = { start: span.start - before(span.start), end: span.end - before(span.end) };
    }
  }
  return span.end > span.start ? span : undefined;
}

const NAMES = {
  ROWS: ["startRowIndex", "endRowIndex"],
  COLUMNS: ["startColumnIndex", "endColumnIndex"],
} as const;

/** A range after an edit, undefined where nothing is left of it; an open end stays open. */
function areaAfter(range: GridRange, edit: Edit): GridRange | undefined {
  const [first, last] = NAMES[edit.dimension];
  const open = Number.MAX_SAFE_INTEGER / 2;
  const span = spanAfter({ start: range[first] ?? 0, end: range[last] ?? open }, edit);
  if (!span) return undefined;
  return {
    ...range,
    ...(range[first] !== undefined && { [first]: span.start }),
    ...(range[last] !== undefined && { [last]: span.end }),
  };
}

/** Texts in quotes, names of other tabs and of functions are no cells of this tab. */
const REFERENCE =
  /"(?:[^"]|"")*"|'(?:[^']|'')*'!\S+|[A-Za-z_]\w*!\S+|(\$?)([A-Z]{1,3})(\$?)(\d+)(?::(\$?)([A-Z]{1,3})(\$?)(\d+))?(?![\w(])/g;

const columnNumber = (letters: string) =>
  [...letters].reduce((sum, one) => sum * 26 + one.charCodeAt(0) - 64, 0) - 1;

const lettersOf = (column: number): string =>
  (column >= 26 ? lettersOf(Math.floor(column / 26) - 1) : "") +
  String.fromCharCode(65 + (column % 26));

/** A formula whose cells were moved by an edit goes on naming the same cells. Probe: google/formulas-follow. */
function formulaAfter(formula: string, edit: Edit): string {
  const isRows = edit.dimension === "ROWS";
  return formula.replace(REFERENCE, (whole, c1, col, r1, row, c2, toCol, r2, toRow) => {
    if (col === undefined) return whole;
    const at = isRows ? Number(row) - 1 : columnNumber(col);
    const end = toCol && (isRows ? Number(toRow) - 1 : columnNumber(toCol));
    const span =
      end === undefined
        ? singleAfter(edit.place(at))
        : spanAfter({ start: Math.min(at, end), end: Math.max(at, end) + 1 }, edit);
    if (!span) return "#REF!";
    const one = isRows
      ? `${c1}${col}${r1}${span.start + 1}`
      : `${c1}${lettersOf(span.start)}${r1}${row}`;
    if (end === undefined) return one;
    return isRows
      ? `${one}:${c2}${toCol}${r2}${span.end}`
      : `${one}:${c2}${lettersOf(span.end - 1)}${r2}${toRow}`;
  });
}

const singleAfter = (at: number | undefined): Span | undefined =>
  at === undefined ? undefined : { start: at, end: at + 1 };

/** A formula that is sorted to another row takes its row's cells with it, unless they are fixed. */
export const formulaSorted = (formula: string, by: number) =>
  formula.replace(REFERENCE, (whole, c1, col, r1, row, c2, toCol, r2, toRow) => {
    if (col === undefined) return whole;
    const moved = (fixed: string, number: string) => (fixed ? number : String(Number(number) + by));
    const one = `${c1}${col}${r1}${moved(r1, row)}`;
    return toCol === undefined ? one : `${one}:${c2}${toCol}${r2}${moved(r2, toRow)}`;
  });

export function withFormulas(row: Row | undefined, change: (formula: string) => string) {
  if (!row?.some((cell) => cell?.userEnteredValue?.formulaValue !== undefined)) return row;
  return row.map((cell): Cell | null | undefined => {
    const formulaValue = cell?.userEnteredValue?.formulaValue;
    return formulaValue === undefined
      ? cell
      : { ...cell, userEnteredValue: { formulaValue: change(formulaValue) } };
  });
}

/** All that names cells of a tab goes with them: formulas, filters, colours by rule, protections. */
export function follow(sheet: Sheet, edit: Edit) {
  sheet.rows = sheet.rows.map((row) => withFormulas(row, (one) => formulaAfter(one, edit)));
  sheet.merges = sheet.merges.flatMap((merge) => {
    const range = areaAfter(merge, edit);
    return range && !isSingle(range) ? range : [];
  });
  sheet.protectedRanges = sheet.protectedRanges.flatMap((one) => {
    const range = areaAfter(one.range, edit);
    return range ? { ...one, range } : [];
  });
  sheet.conditionalFormats = sheet.conditionalFormats.flatMap((rule) => {
    const ranges = rule.ranges.flatMap((range) => areaAfter(range, edit) ?? []);
    return ranges.length > 0 ? { ...rule, ranges } : [];
  });
  sheet.filterViews = sheet.filterViews.flatMap((view) => filterAfter(view, edit) ?? []);
  sheet.tables = sheet.tables.flatMap((table) => {
    const range = areaAfter(table.range, edit);
    return range ? { ...table, range } : [];
  });
  sheet.slicers = sheet.slicers.flatMap((slicer) => {
    const dataRange = areaAfter(slicer.spec.dataRange, edit);
    return dataRange ? { ...slicer, spec: { ...slicer.spec, dataRange } } : [];
  });
  sheet.basicFilter &&= filterAfter(sheet.basicFilter, edit);
}

const isSingle = (range: GridRange) =>
  (range.endRowIndex ?? 0) - (range.startRowIndex ?? 0) === 1 &&
  (range.endColumnIndex ?? 0) - (range.startColumnIndex ?? 0) === 1;

function filterAfter<Filter extends BasicFilter>(filter: Filter, edit: Edit): Filter | undefined {
  const range = areaAfter(filter.range, edit);
  if (!range || edit.dimension === "ROWS") return range && { ...filter, range };
  const filterSpecs = (filter.filterSpecs ?? []).flatMap((spec) => {
    const columnIndex = edit.place(spec.columnIndex);
    return columnIndex === undefined ? [] : { ...spec, columnIndex };
  });
  return { ...filter, range, filterSpecs };
}
