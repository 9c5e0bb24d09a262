import { readPastSales } from "../projections/queries/forecast.ts";
import { paceBook } from "../projections/queries/pace-book.ts";
import { type Knowing, originsOf, type PastSale } from "../rules/forecast/backtest.ts";
import { FEWEST_COMPARABLES } from "../rules/forecast/comparables.ts";
import { type ReportRow, reportOf } from "../rules/forecast/report.ts";
import { type StretchTrial, trialsOf } from "../rules/forecast/trial.ts";
import { capacityPolicyOf, historyOf, rowPolicyOf } from "./build/policies.ts";
import type { Surroundings } from "./build/surroundings.ts";

interface Tried {
  /** How often of a hundred what came was within the range, over all that was tried with what was chosen. */
  held: number | null;
  origins: ReportRow[];
}

export interface BacktestReport {
  history: "stored" | "played";
  pastEvents: number;
  /** Whether a forecast is shown, by days after launch. */
  stretches: StretchTrial[];
  rolling: Tried;
  /** Each event by all the others, later ones too: for a look while there are few, and proof of nothing. */
  leaveOneOut: Tried;
}

/** Forecasts past events again as they stood then, and holds it against what came. */
export async function backtest({
  config,
  sql,
  clock,
}: Pick<Surroundings, "config" | "sql" | "clock">): Promise<BacktestReport> {
  const now = clock.now();
  const book = paceBook(sql);
  const { countedClasses } = capacityPolicyOf(config);
  const all = await book.events({ ...rowPolicyOf(config), countedClasses, now });
  const past = await readPastSales(all, book, now.getTime());
  return { history: historyOf(config), ...backtestOf(past) };
}

export function backtestOf(past: readonly PastSale[]): Omit<BacktestReport, "history"> {
  const play = (knowing: Knowing) =>
    [...originsOf(past, { knowing, fewest: FEWEST_COMPARABLES })].filter(
      (origin) => origin !== undefined,
    );
  const rolling = play("rolling");
  return {
    pastEvents: past.length,
    stretches: [...trialsOf(rolling).values()],
    rolling: triedOf(reportOf(rolling)),
    leaveOneOut: triedOf(reportOf(play("leaveOneOut"))),
  };
}

function triedOf(origins: ReportRow[]): Tried {
  const chosen = origins.filter(({ by }) => by === "chosen");
  const tested = chosen.reduce((sum, one) => sum + one.tested, 0);
  const held = chosen.reduce((sum, one) => sum + one.held * one.tested, 0);
  return { held: tested > 0 ? held / tested : null, origins };
}

const REASONS = {
  tooFewTested: "not shown: fewer than 8 past events were tested",
  notBetterThanLine: "not shown: no better than a line or the week's pace",
  rangeDoesNotHold: "not shown: its range does not hold",
};

/** The report for a person to read. */
export function describeBacktest({
  history,
  pastEvents,
  stretches,
  rolling,
  leaveOneOut,
}: BacktestReport): string {
  const of =
    history === "played"
      ? "of the played Vivenu, which says nothing of real events"
      : "that are stored";
  return [
    `${pastEvents} past events ${of}`,
    "",
    "days after launch   tested   method   shown",
    ...stretches.map(({ stretch, events, method, reason }) =>
      [
        stretch.padEnd(19),
        String(events).padStart(6),
        method.padStart(8),
        `   ${reason ? REASONS[reason] : "shown"}`,
      ].join(" "),
    ),
    "",
    ...describeTried("by events whose sale was over then", rolling),
    "",
    ...describeTried("each by all others, later ones too (proof of nothing)", leaveOneOut),
  ].join("\n");
}

const nameOf = (days: number) =>
  days > 0 && days < 1 ? `${Math.round(days * 24)} h` : String(days);

function describeTried(name: string, { held, origins }: Tried): string[] {
  const number = (value: number | null) => (value === null ? "-" : value.toFixed(1)).padStart(9);
  return [
    `${name}; the range held ${held === null ? "-" : `${held.toFixed(0)} of 100 times`}`,
    "   day  by            n   final%    MAPE    rest%    days  days of 90%  pinball   held%",
    ...origins.map((row) =>
      [
        nameOf(row.days).padStart(6),
        ` ${row.by.padEnd(11)}`,
        String(row.tested).padStart(3),
        ...[row.finalError, row.finalPercentError, row.restPercentError].map(number),
        ...[row.dateError, row.dateErrorOf90, row.pinball, row.held].map(number),
      ].join(" "),
    ),
    "   day: after launch, of a launch the hours (h), or below 0 before the end. final%: error in percent of the places.",
  ];
}
