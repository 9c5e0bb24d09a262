import type { z } from "zod";
import type { ApiOptions } from "../../api/app.ts";
import { type ShownChange, shownChange } from "../../api/changes/change-schema.ts";
import type { Rows } from "../../api/events/row-reads.ts";
import { idsOf } from "../../api/request/list-query.ts";
import { refuseUnknown } from "../../api/request/named.ts";
import { choiceOf } from "../../api/request/query.ts";
import { Failure } from "../../lib/failure.ts";
import { dayAt } from "../../lib/zones.ts";
import type {
  EventRow,
  ForecastPage,
  LevelRow,
  LevelsWanted,
  Pace,
  SoldCurve,
  TicketTypeRow,
  UnderShopRow,
} from "../../projections/queries/row-types.ts";
import type { Hour } from "../chart/hours.tsx";
import type { Look } from "../look.ts";
import { curveThen } from "./curve-then.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CURVE_POINTS = 150;
const MOST_LEVELS = 2_000;
const CHANGES_SHOWN = 12;
/** Of those that can be compared with. */
const PAST_OFFERED = 60;

export const axes = ["date", "launch", "race"] as const;
export const measures = ["percent", "places"] as const;

export const eventQuery = {
  x: choiceOf(axes, "date", "What the curve is drawn along."),
  y: choiceOf(measures, "percent", "What the curve counts."),
  comparables: idsOf("The events to compare with.", "68f000000000000000000002"),
};

export type AskedEvent = z.infer<z.ZodObject<typeof eventQuery>>;

export interface EventRead {
  event: EventRow;
  types: TicketTypeRow[];
  pace: Pace | undefined;
  /** Percent sold by instants: until the first count by creation, and from then on as counted. */
  own: SoldCurve["points"];
  countedFrom: string | null;
  curve: SoldCurve | undefined;
  comparables: SoldCurve[];
  hours: Hour[];
  /** Up to when hours are told: now, or the end of a sale that is over. */
  hoursUntil: Date;
  changes: ShownChange[];
  /** Undefined in the past, of which nobody knows them. */
  underShops: UnderShopRow[] | undefined;
  forecast: ForecastPage | undefined;
  /** What else it can be compared with. */
  past: EventRow[];
}

type Readers = Pick<
  ApiOptions,
  | "named"
  | "readForecast"
  | "readRows"
  | "readUnderShops"
  | "lists"
  | "readPaces"
  | "readCurves"
  | "readLevels"
  | "readSales"
  | "readChanges"
>;

/** All that the view of one event shows, by the readers that the API has. */
export async function readEvent(
  readers: Readers,
  look: Look,
  { eventId, ...asked }: AskedEvent & { eventId: string },
): Promise<EventRead> {
  const { now, asOf } = look;
  const rows = await readers.readRows({ eventId, asOf });
  const { events, ticketTypes: types } = rows;
  const event = events.find((one) => one.eventId === eventId);
  if (!event) throw new Failure("missing", "There is no such event.");
  const { comparables } = asked;
  await refuseUnknown(readers.named, { comparables }, { asOf });
  const hoursUntil = new Date(Math.min(now.getTime(), endOfSale(event)));
  const weekBefore = hoursUntil.getTime() - 7 * DAY_MS;
  const [paces, changes, past, sales, forecast, underShops, countedFrom] = await Promise.all([
    readers.readPaces([event], { asOf, comparables }),
    readers.readChanges({
      eventIds: [eventId],
      limit: CHANGES_SHOWN,
      isWithoutFirstCounts: true,
      asOf,
    }),
    readers.lists.events({
      statuses: ["ENDED"],
      limit: PAST_OFFERED,
      sort: { by: "eventDate", isDescending: true },
      asOf,
    }),
    readers.readSales(
      eventId,
      { by: "hour", per: "event", from: dayAt(new Date(weekBefore), event.timezone), asOf },
      rows,
    ),
    readers.readForecast(eventId, { asOf, comparables }, rows),
    asOf ? undefined : readers.readUnderShops(eventId, rows),
    readFirstCount(readers, { rows, event, asOf }),
  ]);
  const pace = paces.get(eventId);
  const compared = pace?.usual?.comparables ?? [];
  const curves = await readers.readCurves({
    eventIds: [eventId, ...compared],
    points: CURVE_POINTS,
    asOf,
  });
  const curve = curveThen(curves.get(eventId), event);
  return {
    event,
    types,
    pace,
    curve,
    forecast,
    underShops,
    past: past.rows,
    ...(await readOwn(readers, { rows, event, curve, countedFrom, asOf })),
    comparables: compared.flatMap((id) => curves.get(id) ?? []),
    hours: hoursOf(sales?.sales ?? [], weekBefore, hoursUntil.getTime()),
    hoursUntil,
    changes: changes.rows.map(shownChange),
  };
}

interface LevelsOf {
  rows: Rows;
  event: EventRow;
  asOf: Date | undefined;
}

/** By creation the curve says it already. */
const readOwnLevels = (
  { readLevels }: Readers,
  { rows, event, asOf }: LevelsOf,
  wanted: Pick<LevelsWanted, "by" | "limit" | "from">,
) => readLevels(event.eventId, { ...wanted, per: "event", asOf, isCountedOnly: true }, rows);

async function readFirstCount(readers: Readers, of: LevelsOf): Promise<string | null> {
  const first = await readOwnLevels(readers, of, { by: "count", limit: 0 });
  return first?.countedFrom ?? null;
}

interface OwnOf extends LevelsOf {
  curve: SoldCurve | undefined;
  countedFrom: string | null;
}

async function readOwn(readers: Readers, { curve, countedFrom, ...of }: OwnOf) {
  const { event, asOf } = of;
  const capacity = curve?.capacity;
  const none = { own: curve?.points ?? [], countedFrom: null };
  if (!capacity || !curve || countedFrom === null) return none;
  const from = dayAt(new Date(countedFrom), event.timezone);
  const isLong = Date.parse(countedFrom) < (asOf ?? new Date(curve.end)).getTime() - 80 * DAY_MS;
  const by = isLong ? "day" : "hour";
  const levels = await readOwnLevels(readers, of, { by, from, limit: MOST_LEVELS });
  const counted = (levels?.rows ?? []).filter(isCounted);
  const before = curve.points.filter(({ at }) => at < Date.parse(countedFrom));
  const after = counted.map(({ at, sold }) => ({
    at: Date.parse(at),
    percent: ((sold ?? 0) / capacity) * 100,
  }));
  return { own: [...before, ...after], countedFrom };
}

const isCounted = ({ sold }: LevelRow) => sold !== null;

/** A sale ends with its window, or when the race begins. */
const endOfSale = ({ salesEndDate, eventDate }: EventRow) =>
  Math.min(...[salesEndDate ?? eventDate, eventDate].map((at) => Date.parse(at)));

/** Each hour of the last seven days, also those without a sale. */
function hoursOf(
  sales: readonly { hour: string | null; newSales: number }[],
  from: number,
  to: number,
): Hour[] {
  const sold = new Map(sales.map(({ hour, newSales }) => [Date.parse(hour ?? ""), newSales]));
  const first = Math.ceil(from / HOUR_MS) * HOUR_MS;
  const hours: Hour[] = [];
  for (let at = first; at < to; at += HOUR_MS) hours.push({ at, sold: sold.get(at) ?? 0 });
  return hours;
}
