import type { ValueKind } from "../../rules/changed-fields.ts";
import type { Change, ChangedValue } from "../../rules/description-changes.ts";
import type { StatusName } from "../../rules/event-status.ts";
import type { Forecast } from "../../rules/forecast/forecast.ts";
import type { StretchTrial } from "../../rules/forecast/trial.ts";
import type { Severity } from "../../rules/severity.ts";
import type { EventRow, TicketTypeRow } from "../tables/shown-row-types.ts";

export type { EventRow, ShownValue, TicketTypeRow } from "../tables/shown-row-types.ts";
export type { LaunchesWanted, LaunchPlace, LaunchRow } from "./launches.ts";
export type { NextEvent, SummaryPart } from "./summary.ts";
export type {
  EventSort,
  EventsWanted,
  KeyKind,
  ListPage,
  ListWanted,
  NamedEvent,
  NamedTicketType,
  Place,
  RowFilters,
  Since,
  Sort,
  TicketTypeIds,
  TicketTypeSort,
  TicketTypesWanted,
} from "./wanted.ts";
export { eventSorts, ticketTypeSorts } from "./wanted.ts";

/** One thing that changed: in how an event is described, or in what is left of it. */
export interface ChangeRow {
  /** The same after whatever makes the rows anew. */
  id: string;
  eventId: string;
  eventName: string;
  region: string;
  timezone: string | null;
  /** Whose description changed, or what became of its places. */
  changeType: ChangeType;
  /** The ticket type's or the undershop's, and what it was called then; null where the event changed. */
  subjectId: string | null;
  subjectName: string | null;
  /** What the two values are. */
  fieldName: string;
  /** As people read it: of changes to a ticket type or an undershop it names which. */
  field: string;
  kind: ValueKind;
  previousValue: ChangedCell;
  newValue: ChangedCell;
  /** Of prices. */
  currency: string | null;
  /** It was so when the first count looked, and nobody knows since when. */
  isFirstCount: boolean;
  /** When the newer description was first observed, or when what is left was so. */
  changedAt: string;
  source: string;
  severity: Severity;
}

/** A change that may have brought its event places: a ticket type that was added, or a cap as it was before. */
export type PlacesSource = { changeId: string; eventId: string } & (
  | { ticketTypeId: string }
  | { categoryRef: string; amountBefore: number | null }
  | { maxAmountBefore: number | null }
);

/** What a change brought its event. */
export interface AddedPlaces {
  changeId: string;
  /** The event's, now. */
  status: StatusName;
  places: number;
}

export type ChangeType = Change["subject"] | "nearlySoldOut" | "soldOut" | "paused" | "reopened";

export interface ChangedCell {
  value: ChangedValue;
  isInstant: boolean;
}

/** A shop of an event's own: a presale, a partner's, a club's. Times are ISO instants. */
export interface UnderShopRow {
  eventId: string;
  eventName: string;
  region: string;
  timezone: string | null;
  eventDate: string;
  underShopId: string;
  underShopName: string;
  active: boolean;
  /** `independent` of the event's own amounts, or of these. */
  inventoryStrategy: string;
  /** Places that it may sell, over all its ticket types; null where Vivenu sets none. */
  allocation: number | null;
  /** Null until the event was counted by shop. */
  sold: number | null;
  left: number | null;
  salesStart: string | null;
  salesEnd: string | null;
}

/** What an event sold in one hour or on one day of its own calendar: of it all, or of one ticket type. */
export interface SalesRow {
  /** When the hour begins; null where the row is a day. */
  hour: string | null;
  /** As `2026-03-01`. */
  date: string;
  /** Null where the row is of all that the event's totals hold. */
  ticketTypeId: string | null;
  ticketName: string | null;
  newSales: number;
  /** By transfer, rebooking, upgrade or resale, which take over a place sold before. */
  replacements: number;
  /** At the end of the hour or day; of the newest one today's. Null until it was counted. */
  totalSold: number | null;
}

export const salesPeriods = ["day", "hour", "sinceLaunch", "toRace"] as const;
export type SalesPeriod = (typeof salesPeriods)[number];

/** What one of many events sold in an hour, or on a day. */
export interface SeasonSalesRow {
  eventId: string;
  eventName: string;
  region: string;
  timezone: string | null;
  /** When it begins where that is an hour of UTC; null for days of the event's calendar. */
  hour: string | null;
  /** As `2026-03-01`. */
  date: string;
  /** Since the launch, or to the race; null where rows are not numbered. */
  day: number | null;
  newSales: number;
  /** By transfer, rebooking, upgrade or resale, which take over a place sold before. */
  replacements: number;
  /** At the end of the hour or day; of the newest one today's. */
  totalSold: number;
  /** Of today's capacity; null where other ticket types are summed than the totals hold. */
  percentSold: number | null;
}

export interface SalesBounds {
  /** Days of the event's calendar, both with it. */
  from?: string | undefined;
  to?: string | undefined;
  /** Numbers of days, both with it. */
  minDay?: number | undefined;
  maxDay?: number | undefined;
}

export type SeasonSalesPlace = readonly [eventDate: number, eventId: string, period: string];

export interface SeasonSalesWanted extends SalesBounds {
  by: SalesPeriod;
  eventIds?: readonly string[] | undefined;
  regions?: readonly string[] | undefined;
  statuses?: readonly string[] | undefined;
  /** Of the ticket types that are summed; without it those that the totals hold. */
  classes?: readonly string[] | undefined;
  /** Up to this instant, of events as they were then. */
  asOf?: Date | undefined;
  limit: number;
  /** Only what comes behind this place. */
  after?: SeasonSalesPlace | undefined;
}

export const unusualReasons = [
  "group",
  "notCounted",
  "cancelled",
  "noLaunchDate",
  "notLaunched",
  "noCapacity",
  "tooFewComparables",
] as const;
export type UnusualReason = (typeof unusualReasons)[number];

/** How fast an event sells: new sales of the ticket types in its totals, replacements left out. */
export interface Pace {
  /** The last whole hour: windows end with it. */
  until: string;
  /** Why the numbers are null. */
  unknown: "group" | "notCounted" | null;
  hourSoFar: number | null;
  lastHour: number | null;
  last24Hours: number | null;
  last7Days: number | null;
  previous7Days: number | null;
  /** Of the last seven days. */
  perDay: number | null;
  daysToRace: number;
  /** What would have to be sold a day to sell out by the end of the sale, or by the race where that comes first. */
  neededPerDay: number | null;
  usual: Usual | null;
  /** Why it is null. */
  usualUnknown: UnusualReason | null;
}

export interface Usual {
  /** Percent of the time from the launch to the end of the sale that is over. */
  shareOfSellingTime: number;
  /** By then, of the capacity. */
  percentSold: number;
  /** The median of the comparable events at the same share of their selling time. */
  usualPercentSold: number;
  pointsAhead: number;
  comparables: string[];
}

/** How an event came to what it has sold, in evenly spaced instants from its launch on. */
export interface SoldCurve {
  eventId: string;
  eventName: string;
  region: string;
  capacity: number;
  /** The public launch, and the end of the sale or the race; in milliseconds, as the points' instants. */
  launch: number;
  end: number;
  points: readonly { readonly at: number; readonly percent: number }[];
}

export interface SoldCurvesWanted {
  eventIds: readonly string[];
  /** So many of each. */
  points: number;
  asOf?: Date | undefined;
}

export const levelSteps = ["count", "hour", "day"] as const;
export type LevelStep = (typeof levelSteps)[number];

/** What was sold and left of an event, or of one ticket type, from an instant on. */
export interface LevelRow {
  at: string;
  /**
   * `count`: counted then, with what was refunded until then taken out. `creation`: before the first
   * count, from when the tickets that are sold now were created.
   */
  basis: "count" | "creation";
  /** Null where the row is of all that the event's totals hold. */
  ticketTypeId: string | null;
  ticketName: string | null;
  sold: number | null;
  /** This and the rest are null where the basis is creation. */
  reserved: number | null;
  capacity: number | null;
  available: number | null;
  percentSold: number | null;
}

/** An event's rows as they are now. */
export interface LevelsNow {
  event: EventRow;
  ticketTypes: readonly TicketTypeRow[];
}

export type LevelPlace = readonly [at: number, ticketTypeId: string];

export interface LevelsWanted {
  /** The last of each hour or day, or all. */
  by: LevelStep;
  per: "event" | "ticketType";
  /** Days of the event's calendar, both with it. */
  from?: string | undefined;
  to?: string | undefined;
  /** Up to this instant. */
  asOf?: Date | undefined;
  /** Of 0 nothing is read but since when it is counted. */
  limit: number;
  /** Only what comes behind this place. */
  after?: LevelPlace | undefined;
  /** Without what was worked out of the time before the first count. */
  isCountedOnly?: boolean | undefined;
}

export interface LevelsPage extends Page<LevelRow, LevelPlace> {
  timezone: string | null;
  /** When the first count of all its ticket types began; null until there is one. */
  countedFrom: string | null;
}

export const noSales = ["group", "notCounted", "noLaunchDate", "notOnSaleYet"] as const;

/** An event that was asked for and has no rows. */
export interface SalesLeftOut {
  eventId: string;
  reason: (typeof noSales)[number];
}

export interface SeasonSalesPage extends Page<SeasonSalesRow, SeasonSalesPlace> {
  /** Of the events that this page went through. */
  leftOut: SalesLeftOut[];
}

export type ChangePlace = readonly [changedAt: number, eventId: string, field: string, id: string];

export interface ChangesWanted {
  limit: number;
  /** Only what comes behind this place. */
  after?: ChangePlace | undefined;
  regions?: readonly string[] | undefined;
  eventIds?: readonly string[] | undefined;
  ticketTypeIds?: readonly string[] | undefined;
  fields?: readonly string[] | undefined;
  severities?: readonly string[] | undefined;
  changeTypes?: readonly string[] | undefined;
  /** Of ticket types that are of such a class now. */
  classes?: readonly string[] | undefined;
  /** As `searchWords` makes them: each is in the name or place of the event, or in the ticket type's name. */
  words?: readonly string[] | undefined;
  /** Without what a first count found. */
  isWithoutFirstCounts?: boolean | undefined;
  /** Of this instant or later. */
  since?: Date | undefined;
  /** Before this instant. */
  until?: Date | undefined;
  /** What had been observed at this instant. */
  asOf?: Date | undefined;
}

/** Where whoever follows the rows has come to. */
export interface RowPlace {
  position: number;
  /** Of another database, or of this one before it was restored, it is another. */
  mark: string;
}

/** What one transaction did to the rows. */
export interface RowMessage extends RowPlace {
  kinds: string[];
  /** Those that were polled. */
  regions: string[];
  /** The region is as the event is described now; null where it is not there. */
  events: { eventId: string; region: string | null }[];
  /** Found in it, oldest first; undefined where it is no change any more. */
  changes: (ChangeRow | undefined)[];
}

/** Of a list that goes on, `next` is the place of its last row. */
export interface Page<Row, Place> {
  rows: Row[];
  next: Place | null;
}

/** `played`: by what the played Vivenu sold, which says nothing of real events. */
export const salesHistories = ["stored", "played"] as const;

export type SalesHistory = (typeof salesHistories)[number];

/** How forecasts of past events turned out, by how long after launch they were made. */
export interface BacktestPage {
  history: SalesHistory;
  pastEvents: number;
  /** Null while it is being worked out for the first time. */
  trials: StretchTrial[] | null;
}

export interface ForecastPage {
  forecast: Forecast;
  history: SalesHistory;
  at: Date;
  sold: number | null;
  capacity: number | null;
  timezone: string | null;
  /** The events that it is forecast by, the most alike first. */
  comparables: string[];
  /** What the backtest found out about its stretch. */
  trial: StretchTrial | null;
}
