import { isCalledOff } from "../../rules/called-off.ts";
import type { PastSale } from "../../rules/forecast/backtest.ts";
import { mostAlike } from "../../rules/forecast/comparables.ts";
import { curveUntil } from "../../rules/forecast/curve.ts";
import {
  type CapacityStep,
  forecastOf,
  type UnknownReason,
} from "../../rules/forecast/forecast.ts";
import { stretchOf } from "../../rules/forecast/stretches.ts";
import { isParent } from "../../rules/parents.ts";
import type { TrialBook } from "./forecast-trials.ts";
import type { PaceBook, PaceBookOptions, Remembered } from "./pace-book.ts";
import { pastOf, timeOf } from "./pace-comparables.ts";
import type { BacktestPage, EventRow, ForecastPage, SalesHistory } from "./row-types.ts";

const MINUTE_MS = 60_000;

export interface ForecastOptions extends PaceBookOptions {
  book: PaceBook;
  trials: TrialBook;
  /** Where the sales come from that are stored here. */
  history: SalesHistory;
  /** Events to compare with; without it those that are most alike. */
  comparables?: readonly string[] | undefined;
  /** When its places became more or fewer, lately. */
  readSteps: (event: EventRow) => Promise<CapacityStep[]>;
}

/** What one event will have sold in the end, and when it sells out, as its row is at `at`. */
export async function readForecast(
  event: EventRow,
  at: Date,
  { book, trials, history, comparables, readSteps, ...options }: ForecastOptions,
): Promise<ForecastPage> {
  const { eventId, totalSold, totalCapacity, timezone } = event;
  const page = { history, at, sold: totalSold, capacity: totalCapacity, timezone };
  const none = (reason: UnknownReason): ForecastPage => ({
    ...page,
    comparables: [],
    trial: null,
    forecast: { known: false, reason, stretch: null, comparables: 0, wave: null },
  });
  const time = timeOf(event);
  const all = await book.events(options);
  const mine = all.get(eventId);
  if (isParent(event)) return none("group");
  if (isCalledOff(event)) return none("cancelled");
  if (!mine || totalSold === null) return none("notCounted");
  if (!time) return none("noLaunchDate");
  if (!totalCapacity) return none("noCapacity");
  const [past, steps] = await Promise.all([
    readPastSales(all, book, options.now.getTime()),
    readStepsLately(mine, event, { at, readSteps, now: options.now }),
    book.fill([mine]),
  ]);
  const now = at.getTime();
  const others = past.filter((one) => one.eventId !== eventId && one.end <= now);
  const { region } = event;
  const like = comparables
    ? others.filter((one) => comparables.includes(one.eventId))
    : mostAlike({ capacity: totalCapacity, region, launch: time.launch }, others);
  const known = trials.look(past);
  const { hours = { at: [], tickets: [] } } = mine;
  const curve = curveUntil(hours, {
    until: now,
    sold: totalSold,
    now: options.now.getTime(),
  });
  const sale = { ...time, capacity: totalCapacity, ...curve };
  const forecast = forecastOf({
    mine: sale,
    now,
    comparables: like,
    steps,
    trials: known,
    isSoldOut: (event.totalAvailable ?? 1) <= 0,
  });
  const stretch = now < time.launch ? undefined : stretchOf(now - time.launch);
  return {
    ...page,
    forecast,
    comparables: like.map((one) => one.eventId),
    trial: (stretch && known?.get(stretch)) ?? null,
  };
}

interface StepsOf extends Pick<ForecastOptions, "now" | "readSteps"> {
  at: Date;
}

interface StepsOfDay {
  day: string;
  steps: CapacityStep[];
}

/** By what is remembered of an event, which is another one when something of the event is. */
const lately = new WeakMap<Remembered, StepsOfDay>();

/**
 * When its places became more or fewer: it takes the event's past of some days, and is the same for the
 * rest of the day until something of the event becomes otherwise. Of an earlier moment it is read anew.
 */
async function readStepsLately(mine: Remembered, event: EventRow, { at, now, readSteps }: StepsOf) {
  if (now.getTime() - at.getTime() >= MINUTE_MS) return readSteps(event);
  const day = at.toISOString().slice(0, 10);
  const known = lately.get(mine);
  if (known?.day === day) return known.steps;
  const steps = await readSteps(event);
  lately.set(mine, { day, steps });
  return steps;
}

/** What the backtest found out about all stretches, by the sales that are over by now. */
export async function readBacktest({
  book,
  trials,
  history,
  ...options
}: Pick<ForecastOptions, "book" | "trials" | "history"> & PaceBookOptions): Promise<BacktestPage> {
  const all = await book.events(options);
  const past = await readPastSales(all, book, options.now.getTime());
  const known = trials.look(past);
  return { history, pastEvents: past.length, trials: known ? [...known.values()] : null };
}

/** The sales that are over, by when the tickets that are sold now were created. */
export async function readPastSales(
  all: ReadonlyMap<string, Remembered>,
  book: PaceBook,
  now: number,
): Promise<PastSale[]> {
  const past = pastOf(all, now);
  await book.fill(past);
  return past.flatMap((one) => {
    const known = made.get(one) ?? pastSaleOf(one);
    if (known) made.set(one, known);
    return known ?? [];
  });
}

/** By what is remembered of an event, which is another one when something of the event is. */
const made = new WeakMap<Remembered, PastSale>();

function pastSaleOf(one: Remembered): PastSale | undefined {
  const { row, sold } = one.selling;
  const { eventId, region, totalCapacity: capacity } = row;
  const time = timeOf(row);
  if (!time || !capacity || !one.hours) return undefined;
  // Of a sale that is over nothing came after its end.
  const curve = curveUntil(one.hours, { until: time.end, sold: sold ?? 0, now: time.end });
  return { ...time, ...curve, eventId, region, capacity };
}
