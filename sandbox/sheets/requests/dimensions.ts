import { z } from "zod";
import type { Cell, DimensionProperties, Draft, Row, Sheet } from "../document.ts";
import { follow, insertion, move, removal } from "../follow.ts";
import { overlay } from "../mask.ts";
import { invalid } from "../refusal.ts";
import { Dimension, DimensionRange, kind, sheetOf, writeMask } from "./kind.ts";

const MAX_CELLS = 10_000_000;
const MAX_COLUMNS = 18_278;

type DimensionName = z.infer<typeof Dimension>;
type List<Item> = (Item | undefined)[];

const SIZE_OF = { ROWS: "rowCount", COLUMNS: "columnCount" } as const;

/** Changes the order or the number of rows or columns: `edit` does it to one list of them. */
function edit(
  sheet: Sheet,
  dimension: DimensionName,
  change: <Item>(list: List<Item>) => List<Item>,
) {
  if (dimension === "ROWS") {
    sheet.rows = change<Row>(sheet.rows);
    sheet.rowMetadata = change<DimensionProperties | null>(sheet.rowMetadata);
  } else {
    sheet.rows = sheet.rows.map((row) => row && change([...row]));
    sheet.columnMetadata = change<DimensionProperties | null>(sheet.columnMetadata);
  }
}

function resize(sheet: Sheet, dimension: DimensionName, by: number) {
  const grid = sheet.properties.gridProperties;
  const size = grid[SIZE_OF[dimension]] + by;
  sheet.properties = {
    ...sheet.properties,
    gridProperties: { ...grid, [SIZE_OF[dimension]]: size },
  };
}

/** Adds empty rows or columns at the end, as far as a spreadsheet may grow. */
export function grow(draft: Draft, sheet: Sheet, dimension: DimensionName, length: number) {
  resize(sheet, dimension, length);
  refuseTooLarge(draft);
}

export function refuseTooLarge(draft: Draft) {
  const grids = draft.sheets.map(({ properties }) => properties.gridProperties);
  const cells = grids.reduce((sum, { rowCount, columnCount }) => sum + rowCount * columnCount, 0);
  if (cells > MAX_CELLS) {
    throw invalid(
      `This action would increase the number of cells in the workbook above the limit of ${MAX_CELLS} cells.`,
    );
  }
  if (grids.some(({ columnCount }) => columnCount > MAX_COLUMNS)) {
    throw invalid(`A sheet may not have more than ${MAX_COLUMNS} columns.`);
  }
}

/** Rows or columns past the new end are lost. */
export function cut(sheet: Sheet) {
  const { rowCount, columnCount } = sheet.properties.gridProperties;
  edit(sheet, "ROWS", (list) => list.slice(0, rowCount));
  edit(sheet, "COLUMNS", (list) => list.slice(0, columnCount));
}

// Probe: google/append-dimension.
const AppendDimension = z.strictObject({
  sheetId: z.int().default(0),
  dimension: Dimension,
  length: z.int().positive(),
});

const appendDimension = kind(AppendDimension, (draft, { sheetId, dimension, length }) => {
  grow(draft, sheetOf(draft, sheetId), dimension, length);
  return undefined;
});

/** The sheet and the whole numbers of a range of rows or columns that must be in the grid. */
function span(draft: Draft, range: z.infer<typeof DimensionRange>) {
  const sheet = sheetOf(draft, range.sheetId);
  const size = sheet.properties.gridProperties[SIZE_OF[range.dimension]];
  const { startIndex: start = 0, endIndex: end = size } = range;
  if (start >= end) throw invalid(`range.startIndex[${start}] must be before endIndex[${end}]`);
  return { sheet, size, start, end };
}

const InsertDimension = z.strictObject({
  range: DimensionRange,
  inheritFromBefore: z.boolean().default(false),
});

// Probes: google/insert-rows, google/inherit-at-the-top, google/inherit-from-below.
const insertDimension = kind(InsertDimension, (draft, { range, inheritFromBefore }) => {
  const { sheet, size, start, end } = span(draft, range);
  if (start > size)
    throw invalid(`range.startIndex[${start}] is after the end of the grid[${size}]`);
  if (inheritFromBefore && start === 0)
    throw invalid("inheritFromBefore cannot be true when inserting at index 0.");
  edit(sheet, range.dimension, (list) => {
    const padded = list.length < start ? [...list, ...holes(start - list.length)] : list;
    return [...padded.slice(0, start), ...holes(end - start), ...padded.slice(start)];
  });
  inherit(sheet, range.dimension, { start, end, from: inheritFromBefore ? start - 1 : end });
  follow(sheet, insertion(range.dimension, start, end - start));
  grow(draft, sheet, range.dimension, end - start);
  return undefined;
});

/** New rows and columns look like their neighbour: its formats, its size, and whether it is hidden. */
function inherit(
  sheet: Sheet,
  dimension: DimensionName,
  { start, end, from }: { start: number; end: number; from: number },
) {
  const bare = (cell: Cell | null | undefined) =>
    cell?.userEnteredFormat && { userEnteredFormat: cell.userEnteredFormat };
  const sizes = dimension === "ROWS" ? sheet.rowMetadata : sheet.columnMetadata;
  const { hiddenByFilter: _, ...size } = sizes[from] ?? {};
  const isSized = Object.keys(size).length > 0;
  for (let at = start; at < end; at += 1) {
    if (isSized) sizes[at] = size;
    if (dimension === "ROWS" && sheet.rows[from]?.some((cell) => cell?.userEnteredFormat))
      sheet.rows[at] = Array.from(sheet.rows[from] ?? [], bare);
  }
  if (dimension === "ROWS") return;
  sheet.rows = sheet.rows.map((row) => {
    const format = bare(row?.[from]);
    return format && row
      ? [...row.slice(0, start), ...fill(end - start, format), ...row.slice(end)]
      : row;
  });
}

const fill = <Item>(length: number, item: Item) => Array.from({ length }, () => item);

const holes = (length: number) => Array.from({ length }, () => undefined);

// Probe: google/delete-all-rows.
const deleteDimension = kind(z.strictObject({ range: DimensionRange }), (draft, { range }) => {
  const { sheet, size, start, end } = span(draft, range);
  if (end > size) throw invalid("Cannot delete a row or column that doesn't exist.");
  if (start === 0 && end === size) {
    throw invalid(`You can't delete all the ${range.dimension.toLowerCase()} on the sheet.`);
  }
  edit(sheet, range.dimension, (list) => [...list.slice(0, start), ...list.slice(end)]);
  follow(sheet, removal(range.dimension, start, end - start));
  resize(sheet, range.dimension, start - end);
  return undefined;
});

const MoveDimension = z.strictObject({ source: DimensionRange, destinationIndex: z.int() });

// Probe: google/move-rows.
const moveDimension = kind(MoveDimension, (draft, { source, destinationIndex: to }) => {
  const { sheet, size, start, end } = span(draft, source);
  if (end > size || to > size || (to > start && to < end)) throw invalid("Cannot move there.");
  const at = to > start ? to - (end - start) : to;
  edit(sheet, source.dimension, (list) => {
    const all = [...list, ...holes(Math.max(0, size - list.length))];
    const moved = all.slice(start, end);
    const rest = [...all.slice(0, start), ...all.slice(end)];
    return [...rest.slice(0, at), ...moved, ...rest.slice(at)];
  });
  follow(sheet, move(source.dimension, { start, end }, at));
  return undefined;
});

const Properties = z.strictObject({
  pixelSize: z.int().positive().optional(),
  hiddenByUser: z.boolean().optional(),
});

// Probe: google/width.
const UpdateDimensionProperties = z.strictObject({
  range: DimensionRange,
  properties: Properties.default({}),
  fields: z.string().optional(),
});

const updateDimensionProperties = kind(UpdateDimensionProperties, (draft, body) => {
  const mask = writeMask(body.fields, Object.keys(Properties.shape));
  const { sheet, size, start, end } = span(draft, body.range);
  if (end > size) throw invalid(`range.endIndex[${end}] is after the end of the grid[${size}]`);
  const list = body.range.dimension === "ROWS" ? sheet.rowMetadata : sheet.columnMetadata;
  for (let index = start; index < end; index += 1) {
    list[index] = overlay(list[index], body.properties, mask) as DimensionProperties | undefined;
  }
  return undefined;
});

const AutoResizeDimensions = z.strictObject({ dimensions: DimensionRange });

/** Nothing here knows how wide letters are: a fitted column has the width of its longest text. */
const autoResizeDimensions = kind(AutoResizeDimensions, (draft, { dimensions }) => {
  const { sheet, size, start, end } = span(draft, dimensions);
  if (dimensions.dimension === "ROWS") return undefined;
  for (let column = start; column < Math.min(end, size); column += 1) {
    const longest = sheet.rows.reduce((most, row) => {
      const value = Object.values(row?.[column]?.userEnteredValue ?? {})[0] ?? "";
      return Math.max(most, String(value).length);
    }, 2);
    sheet.columnMetadata[column] = {
      ...sheet.columnMetadata[column],
      pixelSize: Math.min(8 * longest + 12, 600),
    };
  }
  return undefined;
});

export const dimensionRequests = {
  appendDimension,
  insertDimension,
  deleteDimension,
  moveDimension,
  updateDimensionProperties,
  autoResizeDimensions,
};
