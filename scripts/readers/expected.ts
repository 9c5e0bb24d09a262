import moment from "moment-timezone";
import type { ReadCell } from "./cells.ts";

/** A row of the API's JSON. */
export type ApiRow = Record<string, unknown>;

type Expected = (row: ApiRow) => ReadCell;

export interface ExpectedTab {
  /** Headers that tell which row is which. */
  keys: readonly string[];
  columns: Readonly<Record<string, Expected>>;
}

const of =
  (name: string): Expected =>
  (row) =>
    (name.split(".").reduce<unknown>((value, part) => Object(value)[part], row) ??
      null) as ReadCell;

const share =
  (name: string): Expected =>
  (row) => {
    const percent = of(name)(row);
    return typeof percent === "number" ? Math.round(percent * 100) / 10_000 : null;
  };

const major =
  (name: string): Expected =>
  (row) => {
    const minor = of(name)(row);
    return typeof minor === "number" ? minor / 100 : null;
  };

const yesOrNo =
  (name: string): Expected =>
  (row) =>
    of(name)(row) ? "yes" : "no";

/** To the second, as the files have it. */
const utc =
  (name: string): Expected =>
  (row) => {
    const at = of(name)(row);
    return typeof at === "string" ? { date: `${at.slice(0, 19)}Z` } : null;
  };

/** By the clock of the row's event: by zone data of the same release, for the runtime's may be older. */
const local =
  (name: string): Expected =>
  (row) =>
    clockOf(of(name)(row), row);

function clockOf(at: unknown, { timezone }: ApiRow): ReadCell {
  if (typeof at !== "string") return null;
  return { date: moment.tz(at, String(timezone)).format("YYYY-MM-DDTHH:mm:ss") };
}

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

const changed =
  (name: string): Expected =>
  (row) => {
    const value = of(name)(row);
    if (typeof value === "string" && INSTANT.test(value)) return clockOf(value, row);
    return typeof value === "boolean" ? String(value) : value;
  };

/** The API says a value in a field that is called as its kind. */
function byKind(name: string): Expected {
  return (row) => {
    const kind = String(row.kind);
    const value = of(`${name}.${kind}`)(row);
    if (kind === "percent") return share(`${name}.percent`)(row);
    if (kind === "instant") return clockOf(value, row);
    return typeof value === "boolean" ? (value ? "yes" : "no") : value;
  };
}

/** The API says in three fields what a change is of, and none where it is of the whole event. */
const subject: Expected = (row) =>
  ["ticketTypeName", "underShopName", "categoryName"].reduce<ReadCell>(
    (found, name) => found ?? of(name)(row),
    null,
  );

/** What tabs of the workbook have to hold, by their titles, and of which of the API's lists. */
export const expectedTabs = {
  Events: {
    keys: ["Event ID"],
    columns: {
      "Event ID": of("eventId"),
      Region: of("region"),
      "Event Name": of("eventName"),
      "Event Date": local("eventDate"),
      "Sales Launch Date": local("salesLaunchDate"),
      Status: of("status"),
      "Total Capacity": of("totalCapacity"),
      "Total Sold": of("totalSold"),
      "Total Available": of("totalAvailable"),
      "Percent Sold": share("percentSold"),
      "Last Updated": utc("lastUpdated"),
      "Event Type": of("eventType"),
      "Available to Buy": of("availableToBuy"),
      Reserved: of("reserved"),
      "Held for Undershops": of("heldForUnderShops"),
      "Oversold Places": of("oversoldPlaces"),
      "Charity Sold": of("charitySold"),
      Currency: of("currency"),
      "End Date": local("eventEndDate"),
      Location: of("location"),
      Timezone: of("timezone"),
      "Counted At (UTC)": utc("countedAt"),
    },
  },
  "Ticket Types": {
    keys: ["Ticket Type ID"],
    columns: {
      "Event ID": of("eventId"),
      "Event Name": of("eventName"),
      Region: of("region"),
      "Ticket Type ID": of("ticketTypeId"),
      "Ticket Name": of("ticketName"),
      Price: of("price"),
      Currency: of("currency"),
      Capacity: of("capacity"),
      Sold: of("sold"),
      Available: of("available"),
      "Last Updated": utc("lastUpdated"),
      "Available to Buy": of("availableToBuy"),
      Class: of("class"),
      "In Totals": yesOrNo("inTotals"),
      Active: yesOrNo("active"),
      "Percent Sold": share("percentSold"),
      Reserved: of("reserved"),
      Oversold: of("oversold"),
      "Sold by Undershops": of("soldUnderShop"),
      Complimentary: of("complimentary"),
      "Event Date": local("eventDate"),
      Status: of("status"),
    },
  },
  Overview: {
    keys: ["Event ID"],
    columns: {
      "Event ID": of("eventId"),
      Event: of("eventName"),
      Status: of("status"),
      Sold: of("totalSold"),
      Left: of("totalAvailable"),
      "Percent Sold": share("percentSold"),
      "Last 24 h": of("pace.last24Hours"),
      "Last 7 Days": of("pace.last7Days"),
      "7 Days Before": of("pace.previous7Days"),
      "Against Usual (points)": of("pace.usual.pointsAhead"),
      "Sold Value": major("value.paid"),
      Currency: of("currency"),
    },
  },
  "Sales Date Changes": {
    keys: ["Event ID", "Change Type", "Field", "Changed At"],
    columns: {
      "Event ID": of("eventId"),
      "Change Type": of("changeType"),
      Field: of("label"),
      "Previous Value": changed("previousValue"),
      "New Value": changed("newValue"),
      "Changed At": utc("changedAt"),
      Source: of("source"),
      Severity: of("severity"),
    },
  },
  Changes: {
    keys: ["Change ID"],
    columns: {
      "Change ID": of("id"),
      "When (UTC)": utc("changedAt"),
      Event: of("eventName"),
      "Ticket Type": subject,
      "Ticket Type ID": of("ticketTypeId"),
      Was: byKind("was"),
      Is: byKind("is"),
      "How Grave": of("severity"),
    },
  },
} satisfies Record<string, ExpectedTab>;
