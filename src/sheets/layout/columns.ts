import type { UnderShopRow } from "../../projections/queries/row-types.ts";
import { changeWords } from "../../rules/change-words.ts";
import type { ValueKind } from "../../rules/changed-fields.ts";
import { type CellKind, type CellValue, cellText } from "./cell.ts";
import {
  type ColumnOf,
  count,
  dateTime,
  instant,
  key,
  later,
  mixed,
  money,
  name,
  percent,
  text,
  yesOrNo,
} from "./column.ts";
import type {
  ChangedCell,
  SheetChange,
  SheetDay,
  SheetEvent,
  SheetListedChange,
  SheetTicketType,
  StatusItem,
} from "./sheet-rows.ts";
import { daySerial, shownSerial } from "./wall-clock.ts";

export const eventColumns: readonly ColumnOf<SheetEvent>[] = [
  key("Event ID", (row) => row.eventId),
  name("Region", 120, (row) => row.region),
  name("Event Name", 280, (row) => row.eventName),
  dateTime("Event Date", (row) => row.eventDate),
  dateTime("Sales Launch Date", (row) => row.salesLaunchDate),
  text("Status", 130, (row) => row.status),
  count("Total Capacity", (row) => row.totalCapacity),
  count("Total Sold", (row) => row.totalSold),
  count("Total Available", (row) => row.totalAvailable),
  percent("Percent Sold", (row) => row.percentSold),
  instant("Last Updated", (row) => row.lastUpdated),
];

/** Behind the fixed ones, on which people have built: these came later, and can be left out. */
export const moreEventColumns = later<SheetEvent>([
  text("Event Type", 110, (row) => row.eventType ?? null),
  count("Available to Buy", (row) => row.availableToBuy ?? null),
  count("Reserved", (row) => row.reserved ?? null),
  count("Held for Undershops", (row) => row.heldForUnderShops ?? null),
  count("Oversold Places", (row) => row.oversoldPlaces ?? null),
  count("Charity Sold", (row) => row.charitySold ?? null),
  text("Currency", 80, (row) => row.currency ?? null),
  dateTime("End Date", (row) => row.eventEndDate ?? null),
  text("Location", 200, (row) => row.location ?? null),
  text("Timezone", 140, (row) => row.timezone),
  { ...instant<SheetEvent>("Counted At", (row) => row.countedAt ?? null), isZoned: true },
]);

export const ticketTypeColumns: readonly ColumnOf<SheetTicketType>[] = [
  key("Event ID", (row) => row.eventId),
  name("Event Name", 280, (row) => row.eventName),
  name("Region", 120, (row) => row.region),
  key("Ticket Type ID", (row) => row.ticketTypeId),
  name("Ticket Name", 340, (row) => row.ticketName),
  money("Price", (row) => row.price),
  text("Currency", 80, (row) => row.currency),
  count("Capacity", (row) => row.capacity),
  count("Sold", (row) => row.sold),
  count("Available", (row) => row.available),
  instant("Last Updated", (row) => row.lastUpdated),
];

export const moreTicketTypeColumns = later<SheetTicketType>([
  count("Available to Buy", (row) => row.availableToBuy ?? null),
  text("Class", 100, (row) => row.class ?? null),
  text("In Totals", 80, (row) => yesOrNo(row.inTotals)),
  text("Active", 80, (row) => yesOrNo(row.active)),
  percent("Percent Sold", (row) => row.percentSold ?? null),
  count("Reserved", (row) => row.reserved ?? null),
  count("Oversold", (row) => row.oversold ?? null),
  count("Sold by Undershops", (row) => row.soldUnderShop ?? null),
  count("Complimentary", (row) => row.complimentary ?? null),
  dateTime("Event Date", (row) => row.eventDate ?? null),
  text("Status", 130, (row) => row.status ?? null),
]);

export const underShopColumns: readonly ColumnOf<UnderShopRow>[] = [
  name("Event", 280, (row) => row.eventName),
  name("Region", 120, (row) => row.region),
  name("Undershop", 240, (row) => row.underShopName),
  text("Active", 80, (row) => yesOrNo(row.active)),
  count("Allocation", (row) => row.allocation),
  count("Sold", (row) => row.sold),
  count("Left", (row) => row.left),
  dateTime("Sales Start", (row) => row.salesStart),
  dateTime("Sales End", (row) => row.salesEnd),
  text("Inventory", 110, (row) => row.inventoryStrategy),
  dateTime("Event Date", (row) => row.eventDate),
  key("Event ID", (row) => row.eventId),
  key("Undershop ID", (row) => row.underShopId),
];

export const changeColumns: readonly ColumnOf<SheetChange>[] = [
  key("Event ID", (row) => row.eventId),
  name("Event Name", 280, (row) => row.eventName),
  name("Region", 120, (row) => row.region),
  key("Change Type", (row) => row.changeType, 120),
  key("Field", (row) => row.field, 400),
  changed("Previous Value", (row) => row.previousValue),
  changed("New Value", (row) => row.newValue),
  { ...instant<SheetChange>("Changed At", (row) => row.changedAt), role: "key" },
  text("Source", 90, (row) => row.source),
  text("Severity", 90, (row) => row.severity),
];

const isOfType = ({ changeType }: SheetListedChange) =>
  changeType !== "underShop" && changeType !== "category";

export const listedChangeColumns: readonly ColumnOf<SheetListedChange>[] = [
  { ...instant<SheetListedChange>("When", (row) => row.changedAt), isZoned: true },
  name("Event", 280, (row) => row.eventName),
  name("Region", 120, (row) => row.region),
  text("Ticket Type", 280, (row) => row.subjectName),
  text("Ticket Type ID", 200, (row) => (isOfType(row) ? row.subjectId : null)),
  text("What", 180, (row) => changeWords(row)),
  ofItsKind("Was", (row) => row.previousValue),
  ofItsKind("Is", (row) => row.newValue),
  text("How Grave", 90, (row) => row.severity),
  text("Source", 90, (row) => row.source),
  text("Event ID", 200, (row) => row.eventId),
  key("Change ID", (row) => row.id),
];

export const dayColumns: readonly ColumnOf<SheetDay>[] = [
  key("Event ID", (row) => row.eventId),
  name("Event Name", 280, (row) => row.eventName),
  name("Region", 120, (row) => row.region),
  {
    header: "Date",
    kind: "date",
    width: 110,
    role: "key",
    clock: "event",
    value: (row) => daySerial(row.day),
  },
  count("New Sales", (row) => row.newSales),
  count("Total Sold", (row) => row.totalSold),
  percent("Percent Sold", (row) => row.percentSold),
  count("Days to Event", (row) => row.daysToEvent),
];

export const moreDayColumns = later<SheetDay>([
  count("Replacements", (row) => row.replacements ?? null),
  count("Refunds", (row) => row.refunds ?? null),
  count("Days Since Launch", (row) => row.daysSinceLaunch ?? null),
  count("Days in Row", (row) => row.days ?? 1),
  text("Known By", 120, (row) => row.knownBy ?? null),
]);

const HOUR_MS = 3_600_000;

export const statusColumns: readonly ColumnOf<StatusItem>[] = [
  key("Item", (row) => row.item, 280),
  {
    header: "Value",
    kind: "text",
    width: 560,
    role: "fact",
    value: ({ value }) => (typeof value === "number" ? value : cellText(value)),
  },
  instant("At", (row) => row.at),
  {
    header: "Age (hours)",
    kind: "money",
    width: 110,
    role: "fact",
    value: ({ at }, { now }) =>
      at === null ? null : Math.round((now.getTime() - Date.parse(at)) / (HOUR_MS / 100)) / 100,
  },
];

/** Texts, numbers and times in one column, each with the format of its kind. */
function changed(header: string, read: (row: SheetChange) => ChangedCell): ColumnOf<SheetChange> {
  const value = (row: SheetChange): CellValue => {
    const { value: found, isInstant } = read(row);
    if (found === null || typeof found === "number") return found;
    const text = String(found);
    return isInstant ? shownSerial(text, row.timezone) : cellText(text);
  };
  const kindOf = (row: SheetChange): CellKind => {
    const { value: found, isInstant } = read(row);
    if (isInstant) return "dateTime";
    if (typeof found !== "number") return "text";
    return [row.previousValue, row.newValue].some(isFraction) ? "money" : "count";
  };
  return mixed(header, value, kindOf);
}

/** As the change says what its values are: a share of a hundred is a percentage, a price has its cents. */
function ofItsKind(
  header: string,
  read: (row: SheetListedChange) => ChangedCell,
): ColumnOf<SheetListedChange> {
  const value = (row: SheetListedChange): CellValue => {
    const { value: found } = read(row);
    if (found === null) return null;
    if (row.kind === "instant") return shownSerial(String(found), row.timezone);
    if (typeof found === "boolean") return yesOrNo(found);
    if (typeof found !== "number") return cellText(found);
    return row.kind === "percent" ? Math.round(found * 100) / 10_000 : found;
  };
  const kindOf = ({ kind }: SheetListedChange) => CELL_KINDS[kind];
  return mixed(header, value, kindOf);
}

const CELL_KINDS: Record<ValueKind, CellKind> = {
  instant: "dateTime",
  money: "money",
  places: "count",
  percent: "percent",
  text: "text",
  flag: "text",
};

const isFraction = ({ value }: ChangedCell) => typeof value === "number" && value % 1 !== 0;
