import type { Found, FoundCell, FoundTab } from "../../src/sheets/google/spreadsheet.ts";
import { type CellKind, formatOf } from "../../src/sheets/layout/cell.ts";
import {
  type ColumnChoice,
  defaultLayout,
  layout,
  type SheetEvent,
  type Tab,
  tabNames,
} from "../../src/sheets/layout/layout.ts";

export const event = (more: Partial<SheetEvent> = {}): SheetEvent => ({
  eventId: "e1",
  region: "DACH",
  eventName: "HYROX Anytown",
  eventDate: "2026-04-01T10:00:00Z",
  timezone: "Europe/Berlin",
  salesLaunchDate: null,
  status: "On sale",
  totalCapacity: 300,
  totalSold: 100,
  totalAvailable: 200,
  percentSold: 33.33,
  lastUpdated: "2026-03-01T08:00:00Z",
  ...more,
});

/** With the columns that have been there from the beginning. */
export const eventsTab = (...events: SheetEvent[]): Tab => tabOf("fixed", events);

export const tabOf = (columns: ColumnChoice, events: readonly SheetEvent[]): Tab => {
  const [tab] = layout({ events, ticketTypes: [] }, { ...defaultLayout, columns });
  if (!tab) throw new Error("no tab");
  return tab;
};

export const cell = (value: FoundCell["value"], formatType: string | null = null): FoundCell => ({
  value,
  formatType,
  isFormula: false,
});

/** As we mark the tab of this title. */
const marksOf = (title: string) =>
  tabNames.filter((name) => defaultLayout.titles[name] === title).map((name) => ({ name, title }));

export const found = (rows: FoundCell[][], more: Partial<FoundTab> = {}): Found => ({
  tabs: [
    {
      ...{ sheetId: 7, title: "Events", rowCount: 100, columnCount: 26, rows },
      marks: marksOf(more.title ?? "Events"),
      ...more,
    },
  ],
  takenIds: [7],
});

export const headerOf = ({ columns }: Tab): FoundCell[] =>
  columns.map(({ header, note }) => ({ ...cell(header), ...(note && { note }) }));

/** The tab as a sync leaves it. */
export const synced = (tab: Tab) => [
  headerOf(tab),
  ...tab.rows.map((row) =>
    row.map((value, index) =>
      cell(
        typeof value === "object" ? null : value,
        formatTypeOf(tab.columns[index]?.kind ?? "text"),
      ),
    ),
  ),
];

const formatTypeOf = (kind: CellKind) => formatOf(kind)?.type ?? null;
