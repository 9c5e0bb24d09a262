import type { FoundCell } from "../google/spreadsheet.ts";
import { type CellKind, type CellValue, type Format, formatOf, moneyFormat } from "./cell.ts";
import { type Column, type ColumnOf, type Surroundings, zonedHeader } from "./column.ts";
import {
  changeColumns,
  dayColumns,
  eventColumns,
  listedChangeColumns,
  moreDayColumns,
  moreEventColumns,
  moreTicketTypeColumns,
  statusColumns,
  ticketTypeColumns,
  underShopColumns,
} from "./columns.ts";
import { clockNote } from "./header-note.ts";
import { overviewColumns } from "./overview-columns.ts";
import { quietDays } from "./quiet-days.ts";
import type { SheetDay, SheetRows, SheetTicketType, StatusItem } from "./sheet-rows.ts";
import { dayOfSerial } from "./wall-clock.ts";

export type { Column } from "./column.ts";
export type { SheetEvent, SheetRows, SheetTicketType } from "./sheet-rows.ts";

export const tabNames = [
  ...(["events", "ticketTypes", "overview", "underShops", "allChanges", "changes"] as const),
  ...(["salesByDay", "status"] as const),
] as const;
export type TabName = (typeof tabNames)[number];

/** The columns that people have built on, or also those that came later, which stand to their right. */
export const columnChoices = ["all", "fixed"] as const;
export type ColumnChoice = (typeof columnChoices)[number];

export interface LayoutSettings {
  tabs: readonly TabName[];
  columns: ColumnChoice;
  titles: Readonly<Record<TabName, string>>;
  /** What clock the service's own times are by; null for the spreadsheet's, and UTC where there is none. */
  timezone: string | null;
  /** Patterns as Google writes them. */
  dateFormat: string;
  dateTimeFormat: string;
}

export const defaultLayout: LayoutSettings = {
  tabs: tabNames,
  columns: "all",
  titles: {
    events: "Events",
    ticketTypes: "Ticket Types",
    overview: "Overview",
    underShops: "Undershops",
    allChanges: "Changes",
    changes: "Sales Date Changes",
    salesByDay: "Sales by Day",
    status: "Status",
  },
  timezone: null,
  dateFormat: "yyyy-mm-dd",
  dateTimeFormat: "yyyy-mm-dd hh:mm",
};

type FoundValue = FoundCell["value"] | undefined;

export type Shape = Pick<Column, "kind" | "format">;

/** Which rows a view shows to whoever chooses it. */
export interface FilterView {
  title: string;
  criteria: readonly { header: string; type: string; value: string }[];
  /** The header of the column that it is sorted by, from the most down. */
  sort: string;
}

/** What one tab should hold: a value for every row and column. */
export interface Tab {
  name: TabName;
  title: string;
  columns: readonly Column[];
  rows: readonly (readonly CellValue[])[];
  /** Of one of `rows` in one of `columns`; in a column of one kind, what the column says. */
  shapeAt: (row: number, column: number) => Shape;
  /** Of `rows`, those whose subject is gone from Vivenu. */
  gone: ReadonlySet<number>;
  /** Rows whose ids are in the tab and in no row are struck through; in a history they have only grown old. */
  strikesVanished: boolean;
  /**
   * What a row should hold that stands in the tab under these keys, one for each key column, and is
   * none of `rows` any more; undefined where it has only grown old.
   */
  valuesOfVanished?: (keys: readonly FoundValue[]) => readonly CellValue[] | undefined;
  /** New rows stand above those that are there. */
  isNewestFirst?: boolean;
  /** It came later: where people had a tab of this title before, that one is theirs. */
  isLater: boolean;
  /** When the tab is made: how many columns stay in sight, whether headers have filter buttons, and views. */
  frozenColumns: number;
  isFiltered: boolean;
  views?: readonly FilterView[];
  /** Ids that are in no row and are there all the same. */
  unstruck: ReadonlySet<string>;
  /** Of `rows`, columns of which the value cannot be worked out: what stands there stays. */
  unshown: ReadonlyMap<number, ReadonlySet<number>>;
}

const UTC = "UTC";

/** Those that came later. */
const LATER: readonly TabName[] = ["overview", "underShops", "allChanges"];

/** What is known of a tab without a look at any row. */
export type TabHead = Pick<Tab, "name" | "title" | "isLater">;

/** Of all tabs that are wanted, in the order in which `layout` gives them. */
export const tabHeads = ({ tabs, titles }: LayoutSettings): TabHead[] =>
  tabNames
    .filter((name) => tabs.includes(name))
    .map((name) => ({ name, title: titles[name], isLater: LATER.includes(name) }));

/** Of those that `layout` gives. */
export const headsOf = (rows: SheetRows, settings: LayoutSettings): TabHead[] =>
  tabHeads(settings).filter(({ name }) => rows[name] !== undefined);

/** One tab for each list that is there and wanted. */
export function layout(
  rows: SheetRows,
  settings: LayoutSettings = defaultLayout,
  now = new Date(0),
): Tab[] {
  const more = <Row>(columns: readonly ColumnOf<Row>[]) =>
    settings.columns === "all" ? columns : [];
  const surroundings = { timezone: settings.timezone ?? UTC, now };
  const unstruck = new Set(rows.unshown);
  const make = <Row>(
    name: TabName,
    columns: readonly ColumnOf<Row>[],
    list: readonly Row[] | undefined,
    isGone: (row: Row) => boolean = () => false,
  ) =>
    list && settings.tabs.includes(name)
      ? [tab({ name, columns, list, isGone, settings, surroundings, unstruck })]
      : [];
  return [
    ...make(
      "events",
      [...eventColumns, ...more(moreEventColumns)],
      rows.events,
      ({ status }) => status === "CANCELLED",
    ),
    ...make(
      "ticketTypes",
      [...ticketTypeColumns, ...more(moreTicketTypeColumns)],
      withStatus(rows),
      (type) => type.removed ?? false,
    ),
    ...make("overview", overviewColumns, rows.overview),
    ...make("underShops", underShopColumns, rows.underShops),
    ...make("allChanges", listedChangeColumns, rows.allChanges).map((tab) => ({
      ...tab,
      isNewestFirst: true,
    })),
    ...make("changes", changeColumns, rows.changes),
    ...make("salesByDay", [...dayColumns, ...more(moreDayColumns)], rows.salesByDay).map(
      (days) => ({
        ...days,
        valuesOfVanished: vanishedDays(
          rows,
          [...dayColumns, ...more(moreDayColumns)],
          surroundings,
        ),
      }),
    ),
    ...make("status", statusColumns, rows.status && [...rows.status, clockOf(surroundings)]),
  ];
}

/** Of its event: what people ask of a ticket type first is whether it is on sale. */
function withStatus({ events, ticketTypes }: SheetRows): SheetTicketType[] {
  const statuses = new Map(events.map(({ eventId, status }) => [eventId, status]));
  return ticketTypes.map((type) => ({ ...type, status: statuses.get(type.eventId) }));
}

const clockOf = ({ timezone }: Surroundings): StatusItem => ({
  item: "Clock of Last Updated, Changed At and At",
  value: timezone,
  at: null,
});

function vanishedDays(
  rows: SheetRows,
  columns: readonly ColumnOf<SheetDay>[],
  surroundings: Surroundings,
) {
  const quietDay = quietDays(rows);
  return ([eventId, serial]: readonly FoundValue[]) => {
    const day = typeof serial === "number" ? dayOfSerial(serial) : undefined;
    const quiet = day === undefined ? undefined : quietDay(String(eventId), day);
    if (!quiet) return undefined;
    return workedOut(columns, [quiet], surroundings).rows[0];
  };
}

/** Others are histories. */
const STRUCK_TABS: readonly TabName[] = ["events", "ticketTypes", "overview", "underShops"];

/** Columns up to the first of these stay in sight. */
const NAMES = ["Event Name", "Event", "Item"];

/**
 * Ticket types in the totals of which there is little left, and something. Google reads each value as if it was
 * typed, by the spreadsheet's locale, in many of which 0.8 is no number; whole ones and per cent are everywhere.
 */
const NEARLY_GONE: FilterView = {
  title: "Races, nearly gone",
  criteria: [
    { header: "In Totals", type: "TEXT_EQ", value: "yes" },
    { header: "Status", type: "TEXT_EQ", value: "ON_SALE" },
    { header: "Percent Sold", type: "NUMBER_GREATER_THAN_EQ", value: "80%" },
    { header: "Available", type: "NUMBER_GREATER", value: "0" },
  ],
  sort: "Percent Sold",
};

/** Whoever looks at how it sells now. */
const ON_SALE: FilterView = {
  title: "On sale, fullest first",
  criteria: [{ header: "Status", type: "TEXT_EQ", value: "ON_SALE" }],
  sort: "Percent Sold",
};

const VIEWS: Partial<Record<TabName, readonly FilterView[]>> = {
  ticketTypes: [NEARLY_GONE],
  overview: [ON_SALE],
};

const TEXT: Shape = { kind: "text", format: null };

interface TabOptions<Row> {
  name: TabName;
  columns: readonly ColumnOf<Row>[];
  list: readonly Row[];
  isGone: (row: Row) => boolean;
  settings: LayoutSettings;
  surroundings: Surroundings;
  unstruck: ReadonlySet<string>;
}

function tab<Row>(options: TabOptions<Row>): Tab {
  const { name, columns, isGone, settings, surroundings, unstruck } = options;
  const { list, rows, unshown } = workedOut(columns, options.list, surroundings);
  const shapeOf = shapesIn(settings);
  const shapes = columns.map(({ kind, kindOf, currencyOf }) =>
    kindOf || currencyOf
      ? list.map((row) => shapeOf(kindOf?.(row) ?? kind, currencyOf?.(row)))
      : shapeOf(kind),
  );
  return {
    name,
    title: settings.titles[name],
    isLater: LATER.includes(name),
    columns: columns.map(({ value: _, kindOf, currencyOf: __, ...column }) => ({
      ...column,
      ...(column.isZoned && { header: zonedHeader(column.header, surroundings.timezone) }),
      ...(column.clock &&
        !column.isZoned && { note: clockNote(column.clock, surroundings.timezone) }),
      ...shapeOf(column.kind),
      ...(kindOf && { isMixed: true }),
    })),
    shapeAt(row, column) {
      const shape = shapes[column];
      return (Array.isArray(shape) ? shape[row] : shape) ?? TEXT;
    },
    rows,
    unshown,
    unstruck,
    gone: new Set(list.flatMap((row, index) => (isGone(row) ? index : []))),
    strikesVanished: STRUCK_TABS.includes(name),
    frozenColumns: columns.findIndex(({ header }) => NAMES.includes(header)) + 1,
    isFiltered: name !== "status",
    ...(VIEWS[name] && { views: VIEWS[name] }),
  };
}

/** Thousands of cells have a few shapes. */
function shapesIn(settings: LayoutSettings) {
  const known = new Map<string, Shape>();
  return (kind: CellKind, currency: string | null = null): Shape => {
    const name = `${kind} ${currency}`;
    const format = () => (kind === "money" ? moneyFormat(currency) : chosenFormat(kind, settings));
    const shape = known.get(name) ?? { kind, format: format() };
    known.set(name, shape);
    return shape;
  };
}

/** A cell that throws, or a number that is none, spoils no other; a row without its keys is nobody's. */
function workedOut<Row>(
  columns: readonly ColumnOf<Row>[],
  list: readonly Row[],
  surroundings: Surroundings,
) {
  const kept: Row[] = [];
  const rows: CellValue[][] = [];
  const unshown = new Map<number, ReadonlySet<number>>();
  for (const row of list) {
    const values = columns.map((column) => valueIn(column, row, surroundings));
    const missing = [...columns.keys()].filter((at) => values[at] === undefined);
    if (missing.some((at) => columns[at]?.role === "key")) continue;
    if (missing.length > 0) unshown.set(rows.length, new Set(missing));
    kept.push(row);
    rows.push(values.map((value) => value ?? null));
  }
  return { list: kept, rows, unshown };
}

function valueIn<Row>({ value }: ColumnOf<Row>, row: Row, surroundings: Surroundings) {
  try {
    const found = value(row, surroundings);
    return typeof found === "number" && !Number.isFinite(found) ? undefined : found;
  } catch {
    return undefined;
  }
}

/** Which cells cannot be shown, by tab, header and the row's first cell, which is an id. */
export const unshownIn = (tabs: readonly Tab[]): string[] =>
  tabs.flatMap(({ title, columns, rows, unshown }) =>
    [...unshown].flatMap(([row, missing]) =>
      [...missing].map((at) => `${title}, ${columns[at]?.header} of ${rows[row]?.[0]}`),
    ),
  );

function chosenFormat(kind: CellKind, { dateFormat, dateTimeFormat }: LayoutSettings) {
  const format: Format | null = formatOf(kind);
  if (!format) return null;
  if (kind === "date") return { ...format, pattern: dateFormat };
  return kind === "dateTime" ? { ...format, pattern: dateTimeFormat } : format;
}
