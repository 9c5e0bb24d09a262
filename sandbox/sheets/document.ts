import { z } from "zod";

/** Google's shapes, as far as they are played; a field that is not here is refused by name. */
export const ExtendedValue = z
  .strictObject({
    numberValue: z.number().optional(),
    stringValue: z.string().optional(),
    boolValue: z.boolean().optional(),
    formulaValue: z.string().optional(),
  })
  .refine((value) => Object.values(value).filter((one) => one !== undefined).length <= 1, {
    error: "oneof field 'value' is already set",
  });
export type ExtendedValue = z.infer<typeof ExtendedValue>;

const FORMAT_TYPES = "TEXT NUMBER PERCENT CURRENCY DATE TIME DATE_TIME SCIENTIFIC".split(" ");
export const NumberFormat = z.strictObject({
  type: z.enum(FORMAT_TYPES),
  pattern: z.string().optional(),
});
export type NumberFormat = z.infer<typeof NumberFormat>;

const Anything = z.record(z.string(), z.unknown());

const CellFormat = z.strictObject({
  numberFormat: NumberFormat.optional(),
  textFormat: z
    .looseObject({ bold: z.boolean().optional(), foregroundColor: Anything.optional() })
    .optional(),
  backgroundColor: Anything.optional(),
  backgroundColorStyle: Anything.optional(),
  borders: Anything.optional(),
  padding: Anything.optional(),
  horizontalAlignment: z.string().optional(),
  verticalAlignment: z.string().optional(),
  wrapStrategy: z.string().optional(),
  textDirection: z.string().optional(),
  hyperlinkDisplayType: z.string().optional(),
  textRotation: Anything.optional(),
});

export const CellData = z.strictObject({
  userEnteredValue: ExtendedValue.optional(),
  userEnteredFormat: CellFormat.optional(),
  note: z.string().optional(),
  dataValidation: Anything.optional(),
  pivotTable: Anything.optional(),
  textFormatRuns: z.array(Anything).optional(),
});
export type Cell = z.infer<typeof CellData>;

export const RowData = z.strictObject({ values: z.array(CellData).default([]) });

export const GridProperties = z.strictObject({
  rowCount: z.int().positive().default(1000),
  columnCount: z.int().positive().default(26),
  frozenRowCount: z.int().nonnegative().optional(),
  frozenColumnCount: z.int().nonnegative().optional(),
  hideGridlines: z.boolean().optional(),
});

export const SheetProperties = z.strictObject({
  sheetId: z.int().nonnegative(),
  title: z.string().min(1).max(100),
  index: z.int().nonnegative().optional(),
  /** A chart that was moved to a tab of its own is an object: it has no cells. */
  sheetType: z.enum(["GRID", "OBJECT"]).default("GRID"),
  gridProperties: GridProperties,
  hidden: z.boolean().optional(),
  tabColor: Anything.optional(),
  tabColorStyle: Anything.optional(),
  rightToLeft: z.boolean().optional(),
});
export type SheetProperties = z.infer<typeof SheetProperties>;

/** Holes are cells that nobody ever touched. */
export type Row = readonly (Cell | null | undefined)[];

const Index = z.int().nonnegative();

export const GridRange = z.strictObject({
  sheetId: Index.default(0),
  startRowIndex: Index.optional(),
  endRowIndex: Index.optional(),
  startColumnIndex: Index.optional(),
  endColumnIndex: Index.optional(),
});
export type GridRange = z.infer<typeof GridRange>;

const FilterSpec = z.strictObject({
  columnIndex: Index.default(0),
  filterCriteria: z.strictObject({ hiddenValues: z.array(z.string()).optional() }).default({}),
});

/** Filters hide by value; other criteria are not played. */
export const BasicFilter = z.strictObject({
  range: GridRange,
  filterSpecs: z.array(FilterSpec).optional(),
});

export type BasicFilter = z.infer<typeof BasicFilter>;

const Condition = z.strictObject({
  type: z.enum(["TEXT_EQ", "NUMBER_GREATER", "NUMBER_GREATER_THAN_EQ"]),
  values: z.array(z.strictObject({ userEnteredValue: z.string() })).length(1),
});

/** What a view hides is nobody's but who looks through it: it is played by the page alone (`view.ts`). */
const ViewSpec = z.strictObject({
  columnIndex: Index.default(0),
  filterCriteria: z
    .strictObject({
      hiddenValues: z.array(z.string()).optional(),
      condition: Condition.optional(),
    })
    .default({}),
});

export const FilterView = BasicFilter.extend({
  filterSpecs: z.array(ViewSpec).optional(),
  sortSpecs: z
    .array(
      z.strictObject({
        dimensionIndex: Index.default(0),
        sortOrder: z.enum(["ASCENDING", "DESCENDING"]),
      }),
    )
    .optional(),
  filterViewId: z.int().optional(),
  title: z.string().optional(),
});

/** Counted from the table's first column; Google leaves out a zero. */
const TableColumn = z.strictObject({
  columnIndex: Index.optional(),
  columnName: z.string().optional(),
  columnType: z.string().optional(),
});

export const Table = z.strictObject({
  tableId: z.string().optional(),
  name: z.string().min(1),
  range: GridRange,
  columnProperties: z.array(TableColumn).optional(),
});

export const Slicer = z.strictObject({
  slicerId: z.int().optional(),
  spec: z.looseObject({ dataRange: GridRange }),
  position: Anything.optional(),
});

export const DeveloperMetadata = z.strictObject({
  metadataId: z.int().positive().optional(),
  metadataKey: z.string().min(1),
  metadataValue: z.string().optional(),
  location: z.strictObject({ sheetId: Index }),
  visibility: z.enum(["DOCUMENT", "PROJECT"]),
});

export interface DimensionProperties {
  pixelSize?: number | undefined;
  hiddenByUser?: boolean | undefined;
  hiddenByFilter?: boolean | undefined;
}

/** A tab. Rows are never changed in place, so that two versions of a sheet share what is equal. */
export interface Sheet {
  /** Without `index`: the place in the list is the index. */
  properties: SheetProperties;
  rows: (Row | undefined)[];
  rowMetadata: (DimensionProperties | null | undefined)[];
  columnMetadata: (DimensionProperties | null | undefined)[];
  merges: GridRange[];
  conditionalFormats: { ranges: GridRange[] }[];
  protectedRanges: {
    protectedRangeId: number;
    range: GridRange;
    warningOnly?: boolean | undefined;
  }[];
  basicFilter?: BasicFilter | undefined;
  filterViews: (z.infer<typeof FilterView> & { filterViewId: number })[];
  tables: z.infer<typeof Table>[];
  slicers: z.infer<typeof Slicer>[];
  developerMetadata: z.infer<typeof DeveloperMetadata>[];
}

export interface Spreadsheet {
  spreadsheetId: string;
  properties: { title: string; locale: string; timeZone: string };
  sheets: readonly Sheet[];
}

export const newSheet = (properties: SheetProperties): Sheet => ({
  properties,
  rows: [],
  rowMetadata: [],
  columnMetadata: [],
  merges: [],
  conditionalFormats: [],
  protectedRanges: [],
  filterViews: [],
  tables: [],
  slicers: [],
  developerMetadata: [],
});

export const newSpreadsheet = (spreadsheetId: string): Spreadsheet => ({
  spreadsheetId,
  properties: { title: "Untitled spreadsheet", locale: "en_GB", timeZone: "Etc/GMT" },
  sheets: [
    newSheet(
      SheetProperties.parse({
        sheetId: 0,
        title: "Sheet1",
        gridProperties: GridProperties.parse({}),
      }),
    ),
  ],
});

/** A version of the spreadsheet that a batch may change; the one it is made from stays as it is. */
export interface Draft extends Spreadsheet {
  sheets: Sheet[];
}

export const draftOf = (spreadsheet: Spreadsheet): Draft => ({
  ...spreadsheet,
  sheets: spreadsheet.sheets.map((sheet) => ({
    properties: sheet.properties,
    rows: [...sheet.rows],
    rowMetadata: [...sheet.rowMetadata],
    columnMetadata: [...sheet.columnMetadata],
    merges: [...sheet.merges],
    conditionalFormats: [...sheet.conditionalFormats],
    protectedRanges: [...sheet.protectedRanges],
    basicFilter: sheet.basicFilter,
    filterViews: [...sheet.filterViews],
    tables: [...sheet.tables],
    slicers: [...sheet.slicers],
    developerMetadata: [...sheet.developerMetadata],
  })),
});

export const cellAt = (sheet: Sheet, row: number, column: number): Cell | undefined =>
  sheet.rows[row]?.[column] ?? undefined;

export function putCell(sheet: Sheet, row: number, column: number, cell: Cell | undefined) {
  const cells = [...(sheet.rows[row] ?? [])];
  cells[column] = cell;
  sheet.rows[row] = cells;
}

/** How many rows from the top hold every value that there is. */
export const rowsWithValues = (sheet: Sheet) =>
  sheet.rows.findLastIndex((row) => row?.some((cell) => cell?.userEnteredValue)) + 1;
