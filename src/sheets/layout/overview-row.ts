import type {
  ChangeRow,
  EventRow,
  ForecastPage,
  Pace,
  SoldCurve,
  UnderShopRow,
} from "../../projections/queries/row-types.ts";
import { changesInShort } from "../../rules/changes-in-short.ts";
import { outlookWords, shortUnknownWords } from "../../rules/forecast/words.ts";
import { toMajor } from "../../rules/money.ts";
import type { SellsOut, SheetOverview } from "./sheet-rows.ts";

export interface OverviewOf {
  event: EventRow;
  pace: Pace | undefined;
  curve: SoldCurve | undefined;
  /** Undefined where its status says already why there is none. */
  forecast: ForecastPage | undefined;
  underShops: readonly UnderShopRow[];
  /** Since yesterday, newest first. */
  changes: readonly ChangeRow[];
  now: Date;
}

export function overviewRow(of: OverviewOf): SheetOverview {
  const { event, pace, curve, changes } = of;
  const { eventId, eventName, region, timezone, status, value, currency } = event;
  return {
    eventId,
    eventName,
    region,
    timezone,
    status,
    currency,
    sold: event.totalSold,
    left: event.totalAvailable,
    percentSold: event.percentSold,
    last24Hours: pace?.last24Hours ?? null,
    last7Days: pace?.last7Days ?? null,
    previous7Days: pace?.previous7Days ?? null,
    pointsAhead: pace?.usual?.pointsAhead ?? null,
    daysToRace: pace && pace.daysToRace >= 0 ? pace.daysToRace : null,
    nextLaunch: nextLaunchOf(of),
    sellsOut: sellsOutOf(of),
    sinceYesterday: changesInShort(changes),
    value: value && currency ? toMajor(value.paid, currency) : null,
    curve: (curve?.points ?? []).map(({ percent }) => Math.round(percent * 10)),
  };
}

/** Of the public sale or of an undershop's, what comes first. */
function nextLaunchOf({ event, underShops, now }: OverviewOf): string | null {
  if (event.status === "CANCELLED") return null;
  const shops = underShops.filter(({ active }) => active).map(({ salesStart }) => salesStart);
  const ahead = [event.salesLaunchDate, ...shops].flatMap((at) =>
    at !== null && Date.parse(at) > now.getTime() ? Date.parse(at) : [],
  );
  return ahead.length === 0 ? null : new Date(Math.min(...ahead)).toISOString();
}

/** What there is to say of an event that is not selling. */
const STANDING = new Map([
  ["DRAFT", "not on sale yet"],
  ["ANNOUNCED", "not on sale yet"],
  ["SOLD_OUT", "sold out"],
  ["PAUSED", "paused"],
  ["SALES_CLOSED", "sale is over"],
  ["ENDED", "sale is over"],
  ["CANCELLED", "cancelled"],
]);

function sellsOutOf({ event, forecast }: OverviewOf): SellsOut {
  const standing = STANDING.get(event.status);
  if (standing !== undefined) return inWords(standing);
  if (event.totalSold === null) return inWords("not counted yet");
  if (!forecast) return inWords("cannot be worked out");
  if (!forecast.forecast.known) return inWords(shortUnknownWords(forecast.forecast));
  const { expected, low, high } = forecast.forecast.soldOutAt;
  const words = expected === null ? outlookWords(forecast.forecast) : null;
  return { expected: iso(expected), low: iso(low), high: iso(high), words };
}

const inWords = (words: string): SellsOut => ({ expected: null, low: null, high: null, words });

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

/** Whether a forecast of it is worth working out. */
export const isForecast = ({ status, totalSold }: EventRow) =>
  totalSold !== null && !STANDING.has(status);

const ORDER = [
  ["ON_SALE", "PAUSED", "SOLD_OUT"],
  ["ANNOUNCED", "DRAFT"],
  ["SALES_CLOSED"],
  ["ENDED", "CANCELLED"],
];

/** What is on sale first, then what will be; what stands together keeps its order. */
export const onSaleFirst = (events: readonly EventRow[]) =>
  events.toSorted((one, other) => placeOf(one) - placeOf(other));

function placeOf({ status }: EventRow) {
  const at = ORDER.findIndex((statuses) => statuses.includes(status));
  return at < 0 ? ORDER.length : at;
}
