import { sheets, type sheets_v4 } from "@googleapis/sheets";
import { JWT } from "google-auth-library";
import { isFailure } from "../../lib/failure.ts";
import { isZone } from "../../lib/zones.ts";
import { cellsAsTheyCome, type Grid } from "./cells-as-they-come.ts";
import { isSpreadsheet, isToken, isWritten } from "./google-answer.ts";
import { attempt, notAnAnswer } from "./google-failure.ts";
import { markIn } from "./mark.ts";
import {
  type Area,
  type Beyond,
  type CellAt,
  type Found,
  type FoundTab,
  type SheetRequest,
  type Spreadsheet,
  type Typed,
  tabOf,
  type Wanted,
} from "./spreadsheet.ts";

export interface GoogleOptions {
  spreadsheetId: string;
  serviceAccountEmail: string;
  /** PEM. */
  privateKey: string;
  /** Origin of a stand-in for Google and its token endpoint; Google itself if it is left out. */
  baseUrl?: string;
  /** For each request, the one that gets the token included. */
  timeoutMs: number;
  /** Resolves when there is room for one more request; without it nothing is waited for. */
  admit?: (use: "read" | "write") => Promise<void>;
  /** Told of each request. */
  onAttempt?: (outcome: "answered" | "refused" | "failed") => void;
  /** Told what time Google has. */
  onDate?: (theirs: Date) => void;
}

const SCOPE = "https://www.googleapis.com/auth/spreadsheets";
const TOKEN_URL = "https://oauth2.googleapis.com/token";
const SPAN = "range(startRowIndex,endRowIndex)";
const BOUNDS = "range(startRowIndex,endRowIndex,startColumnIndex,endColumnIndex)";
const TABLES = `tables(${BOUNDS},columnProperties(columnIndex,columnType))`;
const SLICERS = "slicers.spec.dataRange(startRowIndex,endRowIndex)";
const FILTERS = `basicFilter.${SPAN},filterViews.${SPAN},${TABLES},${SLICERS}`;
const MERGES = "merges(startRowIndex,endRowIndex,startColumnIndex,endColumnIndex)";
const PROTECTED = `protectedRanges(description,warningOnly,requestingUserCanEdit,${BOUNDS})`;
const MARKS = "developerMetadata(metadataKey,metadataValue)";
const TABS = `spreadsheetId,properties.timeZone,sheets(properties(sheetId,title,sheetType,gridProperties(rowCount,columnCount)),${FILTERS},${MERGES},${PROTECTED},${MARKS})`;
const LETTERS = "textFormat(bold,strikethrough,foregroundColor)";
const CELLS = `sheets.data.rowData.values(userEnteredValue,userEnteredFormat(numberFormat,${LETTERS}),note,pivotTable.source)`;
const FILLED =
  "spreadsheetId,sheets(properties(sheetId,title),data(startRow,startColumn,rowData.values.effectiveValue))";
const AFTER = `spreadsheetId,replies,updatedSpreadsheet(${TABS}),updatedSpreadsheet.${CELLS}`;
/** Google gives the first tab of a spreadsheet this number, and no other. */
const DEFAULT_ID = 0;
/** `Sheet1`, `Feuille 1`, `シート1`, `แผ่น1`, `Trang tính1`: another name was given by somebody. */
const DEFAULT_TITLE = /^(\p{L}\p{M}*)+( (\p{L}\p{M}*)+)? ?1$/u;
const ALL_OF_TAB =
  "spreadsheetId,sheets(properties,charts.chartId,basicFilter,filterViews,tables,protectedRanges,conditionalFormats,bandedRanges,merges,slicers,developerMetadata,data.rowData.values(userEnteredValue,userEnteredFormat,note,dataValidation,hyperlink,pivotTable))";

/** The spreadsheet by Google's own client. */
export function googleSpreadsheet(options: GoogleOptions): Spreadsheet {
  const { spreadsheetId, baseUrl, admit = async () => {}, onAttempt, onDate } = options;
  const { spreadsheets: client } = sheets({
    version: "v4",
    auth: serviceAccount(options),
    ...(baseUrl && { rootUrl: baseUrl }),
  });
  /** The tabs of the last look, with which a sync usually takes one request and not two; not their cells. */
  let known: readonly KnownTab[] = [];
  return { read, readFilled, write };

  async function read(wanted: readonly Wanted[]): Promise<Found> {
    return (await readKnown(wanted)) ?? readAnew(wanted);
  }

  /** Google refuses a range whose tab is gone, renamed or never was; then it is time to look anew. */
  async function readKnown(wanted: readonly Wanted[]): Promise<Found | undefined> {
    const there = among(known, wanted);
    if (wanted.length === 0 || there.length < wanted.length) return undefined;
    try {
      const { tabs, ...clock } = await readCells(there.map(({ title }) => title));
      // Another tab may have got the title of one that was renamed.
      const ids = new Set(idsOf(tabs));
      if (there.some(({ sheetId }) => !ids.has(sheetId))) return undefined;
      return { tabs, ...taken(), ...clock };
    } catch (error) {
      if (isFailure(error, "refused") && error.context?.status === 400) return undefined;
      throw error;
    }
  }

  function taken() {
    return { takenIds: idsOf(known), titles: known.map(({ title }) => title) };
  }

  async function readAnew(wanted: readonly Wanted[]): Promise<Found> {
    await admit("read");
    const data = await attempt("read", client.get({ spreadsheetId, fields: TABS }), {
      isAnswer: isSpreadsheet(spreadsheetId),
      told: onAttempt,
      onDate,
    });
    known = foundTabs(data).map(knownTab);
    const there = among(known, wanted).map(({ title }) => title);
    const tabs = there.length > 0 ? (await readCells(there)).tabs : [];
    const untouchedId = there.length === 0 ? await readUntouched() : undefined;
    return {
      tabs,
      ...taken(),
      ...clockIn(data),
      ...(untouchedId !== undefined && { untouchedId }),
    };
  }

  /** What a person did to a tab is in its answer, whatever it was; a tab as Google makes it has a grid alone. */
  async function readUntouched(): Promise<number | undefined> {
    const [only, another] = known;
    if (!only || another || only.sheetId !== DEFAULT_ID) return undefined;
    if (!DEFAULT_TITLE.test(only.title)) return undefined;
    await admit("read");
    const asked = { spreadsheetId, ranges: [rangeOf(only.title)], fields: ALL_OF_TAB };
    try {
      const data = await attempt("read", client.get(asked), {
        isAnswer: isSpreadsheet(spreadsheetId, [only.title]),
        told: onAttempt,
      });
      return isUntouched(data.sheets?.[0] ?? {}) ? only.sheetId : undefined;
    } catch (error) {
      // Nothing hangs on it: the tab stays.
      if (isFailure(error, "refused")) return undefined;
      throw error;
    }
  }

  async function readCells(titles: readonly string[]) {
    const asked = { spreadsheetId, ranges: titles.map(rangeOf), fields: `${TABS},${CELLS}` };
    await admit("read");
    const cells = cellsAsTheyCome();
    const data = await attempt("read", client.get(asked, cells.options), {
      isAnswer: isSpreadsheet(spreadsheetId, titles),
      told: onAttempt,
      onDate,
    });
    return { tabs: foundTabs(data, cells.read()), ...clockIn(data) };
  }

  async function readFilled(beyond: readonly Beyond[]) {
    const ranges = beyond.flatMap(rangesBeyond);
    if (ranges.length === 0) return new Map();
    await admit("read");
    const data = await attempt("read", client.get({ spreadsheetId, ranges, fields: FILLED }), {
      isAnswer: isSpreadsheet(spreadsheetId),
      told: onAttempt,
      onDate,
    });
    return new Map(
      (data.sheets ?? []).map((sheet) => [sheet.properties?.sheetId ?? 0, filledIn(sheet)]),
    );
  }

  async function write(requests: readonly SheetRequest[], readBack: readonly string[] = []) {
    const isReadBack = readBack.length > 0;
    const requestBody = {
      requests: [...requests],
      ...(isReadBack && {
        includeSpreadsheetInResponse: true,
        responseIncludeGridData: true,
        responseRanges: readBack.map(rangeOf),
      }),
    };
    const fields = isReadBack ? AFTER : "spreadsheetId,replies";
    await admit("write");
    const asked = { spreadsheetId, requestBody, fields };
    const cells = cellsAsTheyCome();
    const data = await attempt("write", client.batchUpdate(asked, cells.options), {
      isAnswer: isWritten(spreadsheetId, { requests: requests.length, titles: readBack }),
      told: onAttempt,
      onDate,
    });
    const tabs = foundTabs(data.updatedSpreadsheet ?? {}, cells.read());
    const ids = new Set(idsOf(tabs));
    known = [...known.filter(({ sheetId }) => !ids.has(sheetId)), ...tabs.map(knownTab)];
    return { tabs, ...taken() };
  }
}

function isUntouched({ properties, data, ...more }: sheets_v4.Schema$Sheet) {
  const { frozenRowCount, frozenColumnCount } = properties?.gridProperties ?? {};
  const isBlank = (data ?? []).every(({ rowData = [] }) =>
    rowData.every(({ values = [] }) => values.every((cell) => Object.keys(cell).length === 0)),
  );
  const hasMore = Object.values(more).some((list) => !Array.isArray(list) || list.length > 0);
  return isBlank && !hasMore && !frozenRowCount && !frozenColumnCount && !properties?.tabColor;
}

/** Google has names of its own for some zones; those that our zone data lacks are left out. */
const clockIn = ({ properties }: sheets_v4.Schema$Spreadsheet): Pick<Found, "timezone"> => {
  const timezone = properties?.timeZone;
  return timezone && isZone(timezone) ? { timezone } : {};
};

const rangeOf = (title: string) => `'${title.replaceAll("'", "''")}'`;

/** None where the grid ends there. */
function rangesBeyond({ title, row, column, rowCount, columnCount }: Beyond): string[] {
  const tab = rangeOf(title);
  return [
    ...(column < columnCount
      ? [`${tab}!${lettersOf(column)}1:${lettersOf(columnCount - 1)}${rowCount}`]
      : []),
    ...(row < rowCount ? [`${tab}!A${row + 1}:${lettersOf(columnCount - 1)}${rowCount}`] : []),
  ];
}

const lettersOf = (column: number): string =>
  (column >= 26 ? lettersOf(Math.floor(column / 26) - 1) : "") +
  String.fromCharCode(65 + (column % 26));

const filledIn = ({ data = [] }: sheets_v4.Schema$Sheet): CellAt[] =>
  data.flatMap(({ startRow, startColumn, rowData = [] }) =>
    rowData.flatMap(({ values = [] }, row) =>
      values.flatMap(({ effectiveValue }, column) =>
        effectiveValue && Object.keys(effectiveValue).length > 0
          ? { row: (startRow ?? 0) + row, column: (startColumn ?? 0) + column }
          : [],
      ),
    ),
  );

/** A chart on a tab of its own has no cells, and no range can be asked for. */
type KnownTab = Pick<FoundTab, "sheetId" | "title" | "marks" | "hasNoCells">;

const knownTab = ({ sheetId, title, marks = [], hasNoCells = false }: FoundTab): KnownTab => ({
  sheetId,
  title,
  marks,
  hasNoCells,
});

const among = (tabs: readonly KnownTab[], wanted: readonly Wanted[]) =>
  wanted.flatMap(
    (one) =>
      tabOf(
        tabs.filter(({ hasNoCells }) => !hasNoCells),
        one,
      ) ?? [],
  );

const idsOf = (tabs: readonly KnownTab[]) => tabs.map(({ sheetId }) => sheetId);

class ServiceAccount extends JWT {
  /** Is asked when a new token is needed: the library would give the one that was refused until its time is over. */
  protected override refreshTokenNoCache() {
    delete this.gtoken;
    return super.refreshTokenNoCache();
  }
}

/**
 * Every request of this client ends after `timeoutMs` and none is repeated: the loop does that. The
 * library knows one token endpoint only, so a stand-in gets its requests on their way out.
 */
function serviceAccount({ serviceAccountEmail, privateKey, baseUrl, timeoutMs }: GoogleOptions) {
  const client = new ServiceAccount({
    email: serviceAccountEmail,
    key: privateKey,
    scopes: [SCOPE],
    // A token may be revoked before its time: then one new one is fetched.
    forceRefreshOnFailure: true,
    transporterOptions: { timeout: timeoutMs, retryConfig: { retry: 0 } },
  });
  // Without a token the library would go on and send none, and that is a refusal.
  client.transporter.interceptors.response.add({
    resolved: async (response) => {
      const { href } = response.config.url;
      const isTokens = href === TOKEN_URL || (baseUrl && href === new URL("/token", baseUrl).href);
      if (isTokens && !isToken(response.data)) throw notAnAnswer("Google's request for a token");
      return response;
    },
  });
  if (baseUrl) {
    client.transporter.interceptors.request.add({
      resolved: async (request) => {
        if (request.url.href === TOKEN_URL) request.url = new URL("/token", baseUrl);
        return request;
      },
    });
  }
  return client;
}

/** `grids` are what the lists of rows were, one behind the other. */
function foundTabs({ sheets }: sheets_v4.Schema$Spreadsheet, grids: readonly Grid[] = []) {
  let next = 0;
  return (sheets ?? []).map((sheet) => {
    const lists = (sheet.data ?? []).map(({ rowData }) => (rowData ? grids[next++] : undefined));
    return foundTab(sheet, lists[0] ?? []);
  });
}

function foundTab(
  { properties, developerMetadata = [], ...sheet }: sheets_v4.Schema$Sheet,
  rows: Grid,
): FoundTab {
  const { merges = [], protectedRanges = [] } = sheet;
  const { rowCount, columnCount } = properties?.gridProperties ?? {};
  const { basicFilter, filterViews = [], tables = [], slicers = [] } = sheet;
  const sheetId = properties?.sheetId ?? 0;
  const ranges = [
    ...[basicFilter, ...filterViews, ...tables].map((one) => one?.range),
    ...slicers.map(({ spec }) => spec?.dataRange),
  ];
  return {
    sheetId,
    title: properties?.title ?? "",
    rowCount: rowCount ?? 0,
    columnCount: columnCount ?? 0,
    rows,
    filtered: ranges.flatMap((range) =>
      range ? { start: range.startRowIndex ?? 0, end: range.endRowIndex ?? rowCount ?? 0 } : [],
    ),
    merged: merges.map(areaOf),
    typed: tables.flatMap(typedBy),
    noted: protectedRanges.flatMap(({ description, range }) =>
      description ? { column: range?.startColumnIndex ?? 0, description } : [],
    ),
    closed: protectedRanges.flatMap(({ warningOnly, requestingUserCanEdit, range }) =>
      warningOnly || requestingUserCanEdit ? [] : areaOf(range ?? {}),
    ),
    hasNoCells: (properties?.sheetType ?? "GRID") !== "GRID",
    marks: developerMetadata.flatMap((said) => markIn(said, sheetId) ?? []),
  };
}

/** Google leaves out a column's number where it is the table's first. */
const typedBy = ({ range = {}, columnProperties = [] }: sheets_v4.Schema$Table): Typed[] =>
  columnProperties.flatMap(({ columnIndex, columnType }) =>
    columnType && columnType !== "COLUMN_TYPE_UNSPECIFIED"
      ? {
          column: (range.startColumnIndex ?? 0) + (columnIndex ?? 0),
          header: range.startRowIndex ?? 0,
          end: range.endRowIndex ?? Number.POSITIVE_INFINITY,
        }
      : [],
  );

const areaOf = (range: sheets_v4.Schema$GridRange): Area => ({
  rows: { start: range.startRowIndex ?? 0, end: range.endRowIndex ?? Number.POSITIVE_INFINITY },
  columns: {
    start: range.startColumnIndex ?? 0,
    end: range.endColumnIndex ?? Number.POSITIVE_INFINITY,
  },
});
