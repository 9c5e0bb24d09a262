/** How good forecasts are on the varied played season, several seeds of it, against a straight line and a pace. */
import { seeded } from "../sandbox/random.ts";
import { madeUpEvent } from "../sandbox/vivenu/season/made-up.ts";
import { specsOf } from "../sandbox/vivenu/season/make.ts";
import type { PlannedEvent } from "../sandbox/vivenu/season/spec.ts";
import { backtestOf, describeBacktest } from "../src/commands/forecast.ts";
import { originsOf, type PastSale } from "../src/rules/forecast/backtest.ts";
import { FEWEST_COMPARABLES, mostAlike } from "../src/rules/forecast/comparables.ts";
import { curveOfHours, reachedAt } from "../src/rules/forecast/curve.ts";
import { restBy } from "../src/rules/forecast/methods.ts";
import { reachedIn } from "../src/rules/forecast/path.ts";
import type { Line, ReportRow } from "../src/rules/forecast/report.ts";
import { type SellOut, sellOutOf } from "../src/rules/forecast/sell-out.ts";
import { endsOf } from "../src/rules/forecast/spread.ts";
import { pastStands, SOLD_OUT_SHARE, standAt } from "../src/rules/forecast/stand.ts";
import { stretchOf } from "../src/rules/forecast/stretches.ts";
import { mean, trialsOf } from "../src/rules/forecast/trial.ts";
import { say } from "./load.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const round = (value: number) => String(Math.round(value * 100) / 100);

/** What is sold and no longer given back. */
const SOLD = ["VALID", "DETAILSREQUIRED"];

export interface ForecastBenchOptions {
  seeds: number;
  isVerbose: boolean;
}

export function forecastBench({ seeds, isVerbose }: ForecastBenchOptions) {
  const now = new Date("2026-11-28T12:00:00Z");
  say("played seasons, rolling origin: error of the final in percent of the places");
  const played = Array.from({ length: seeds }, (_, n) => playedSales(n + 1, now));
  const reports = played.map((past) => {
    const begun = performance.now();
    const report = backtestOf(past);
    const took = performance.now() - begun;
    if (isVerbose) say(describeBacktest({ history: "played", ...report }));
    return { ...report, took };
  });
  for (const [n, { rolling, pastEvents, stretches, took }] of reports.entries()) {
    const shown = stretches.filter(({ isGood }) => isGood).map(({ stretch }) => stretch);
    say(
      `seed ${n + 1}: ${pastEvents} past events, backtest in ${round(took / 1000)} s; shown at days ${shown.join(", ")}`,
    );
    for (const days of [7, 30]) say(`  ${told(days, rolling.origins)}`);
    say(`  range held ${round(rolling.held ?? 0)} of 100 (70 to 92 is meant)`);
  }
  say("all seeds together");
  const all = reports.flatMap(({ rolling }) => rolling.origins);
  for (const days of [1 / 24, 1, 3, 7, 14, 30, 60, -7]) say(`  ${told(days, all)}`);
  saySellOuts(played.flatMap(sellOutsOf));
  const [first = []] = played;
  say(`with 4 past events: ${known(first.slice(0, 4))}`);
  say(`on noise: ${known(first.map((sale, n) => noise(sale, seeded(n + 1))))}`);
}

function told(days: number, rows: readonly ReportRow[]) {
  const of = (by: Line, value: (row: ReportRow) => number | null) => {
    const mine = rows.filter((row) => row.days === days && row.by === by);
    const found = mine.flatMap((row) => value(row) ?? []);
    return found.length > 0 ? mean(found) : Number.NaN;
  };
  const error = (by: Line) => of(by, ({ finalError }) => finalError);
  const date = (by: Line) => of(by, ({ dateErrorOf90 }) => dateErrorOf90);
  const [chosen, pace, line] = [error("chosen"), error("pace"), error("line")];
  return [
    `day ${round(days)}: ${round(chosen)} %, ${round(chosen / pace)} x pace, ${round(chosen / line)} x line`,
    `date of 90 %: ${round(date("chosen"))} days, ${round(date("chosen") / date("pace"))} x pace`,
  ].join("; ");
}

/** Milliseconds from when it was asked; infinite for never. */
interface SellOutTold {
  /** Where comparables lead to, which the forecast corrects by how that was of past events. */
  led: number;
  told: SellOut;
  came: number;
}

/** Each sale once more by those alone that had ended: when it was told to sell out, and when it did. */
function sellOutsOf(all: readonly PastSale[]): SellOutTold[] {
  const origins = [...originsOf(all, { knowing: "rolling", fewest: FEWEST_COMPARABLES })];
  return all.flatMap((mine) =>
    [3, 7, 14, 30, 60, -30, -14, -7].flatMap((days) => {
      const at = (days < 0 ? mine.end : mine.launch) + days * DAY_MS;
      const stand = standAt(mine, at);
      if (at <= mine.launch || at >= mine.end || stand.sold <= 0 || stand.sold >= stand.capacity)
        return [];
      const known = all.filter(({ eventId, end }) => eventId !== mine.eventId && end <= at);
      const others = pastStands(mine, at, mostAlike(mine, known));
      if (others.length < FEWEST_COMPARABLES) return [];
      const tested = trialsOf(origins.flatMap((one) => (one && one.end <= at ? one : [])));
      const rest = restBy("A", stand, others);
      const { freeHigh: most } = endsOf("A", { mine: stand, others, rest });
      const scores = tested.get(stretchOf(stand.elapsedMs))?.scores;
      const ms = reachedIn(stand.capacity, { mine: stand, others, rest, method: "A" });
      return {
        led: ms ?? Number.POSITIVE_INFINITY,
        told: sellOutOf("A", { mine: stand, others, rest, most, led: scores?.A?.led ?? [] }),
        came: (reachedAt(mine, SOLD_OUT_SHARE * mine.capacity) ?? Number.POSITIVE_INFINITY) - at,
      };
    }),
  );
}

function saySellOuts(tried: readonly SellOutTold[]) {
  const share = (of: readonly SellOutTold[], is: (one: SellOutTold) => boolean) =>
    `${round((100 * of.filter(is).length) / of.length)} % of ${of.length}`;
  const isDay = Number.isFinite;
  const led = tried.filter((one) => isDay(one.led));
  const expected = tried.filter(({ told }) => isDay(told.expected));
  const ended = tried.filter(({ told }) => isDay(told.high));
  say(
    `sold out (${100 * SOLD_OUT_SHARE} % of the places), 3 to 60 days after launch and 30 to 7 before the end, by comparables`,
  );
  say(`  led there by them: did by that day ${share(led, (one) => one.came <= one.led)}`);
  say(
    `  told a day: by then ${share(expected, (one) => one.came <= one.told.expected)} (50 is meant)`,
  );
  say(`  told a last day: later ${share(ended, (one) => one.came > one.told.high)} (10 is meant)`);
  say(
    `  told a first day: before it ${share(tried, (one) => one.came < one.told.low)} (10 at most is meant)`,
  );
}

function known(past: readonly PastSale[]) {
  const { stretches } = backtestOf(past);
  const shown = stretches.filter(({ isGood }) => isGood).map(({ stretch }) => stretch);
  return shown.length === 0 ? "does not know" : `shown at days ${shown.join(", ")}`;
}

function playedSales(seed: number, now: Date): PastSale[] {
  return specsOf("years", { seed, now })
    .filter(({ startsInDays }) => startsInDays < 0)
    .flatMap((spec) => saleOf(madeUpEvent(spec, { seed, now }), now) ?? []);
}

/** Of its entries, as the service counts them. */
function saleOf({ document, tickets, region }: PlannedEvent, now: Date): PastSale | undefined {
  const types = document.tickets.filter(
    ({ name, price }) => price > 0 && /HYROX|CORPORATE/.test(name),
  );
  const launch = Date.parse(document.sellStart ?? document.createdAt);
  const end = Math.min(
    ...[document.sellEnd, document.start].flatMap((at) => (at ? Date.parse(at) : [])),
  );
  const ids = new Set(types.map(({ _id }) => _id));
  const hours = new Map<number, number>();
  for (const { ticketTypeId, status, createdAt } of tickets) {
    if (!ids.has(ticketTypeId) || !SOLD.includes(status)) continue;
    const hour = Math.floor(createdAt.getTime() / HOUR_MS) * HOUR_MS;
    hours.set(hour, (hours.get(hour) ?? 0) + 1);
  }
  const sorted = [...hours].sort(([one], [other]) => one - other);
  if (sorted.length === 0 || end <= launch || end > now.getTime()) return undefined;
  const sales = {
    at: sorted.map(([hour]) => hour),
    tickets: sorted.map(([, sold]) => sold),
  };
  const curve = curveOfHours(sales, now.getTime());
  const capacity = types.reduce((sum, { amount }) => sum + amount, 0);
  return { ...curve, eventId: document._id, region, launch, end, capacity };
}

/** The same event with sales that follow nothing: most days none, and some as much as in a month. */
function noise(sale: PastSale, random: () => number): PastSale {
  const days = Math.floor((sale.end - sale.launch) / DAY_MS);
  const sold = [0];
  for (let day = 0; day < days; day += 1) {
    const more = random() < 0.08 ? (0.01 * sale.capacity) / random() : 0;
    sold.push(Math.min(sale.capacity, (sold[day] ?? 0) + Math.round(more)));
  }
  return { ...sale, at: sold.map((_, day) => sale.launch + day * DAY_MS), sold };
}
