import { FEWEST_COMPARABLES } from "./comparables.ts";
import type { KnownForecast, UnknownForecast, UnknownReason } from "./forecast.ts";
import { FEWEST_TESTED } from "./trial.ts";

const WORDS: Record<Exclude<UnknownReason, "placesAdded">, string> = {
  group: "Not known: it holds other events, which are forecast by themselves.",
  cancelled: "It was cancelled.",
  notCounted: "Not known yet: its tickets were not counted yet.",
  noLaunchDate: "Not known: it has no launch date, so that it cannot be compared with others.",
  noCapacity: "Not known: how many places it has is not known.",
  notLaunched: "Not known yet: it is not on sale yet.",
  justLaunched: "Not known yet: it is on sale for less than 20 minutes.",
  nothingSold: "Not known yet: nothing was sold yet.",
  soldOut: "It is sold out.",
  saleIsOver: "Its sale is over.",
  tooFewComparables: `Not known yet: fewer than ${FEWEST_COMPARABLES} past events are like it.`,
  notTestedYet: "Not known yet: how good forecasts of past events are is being worked out.",
  tooFewTested: `Not known yet: fewer than ${FEWEST_TESTED} past events could be forecast as a test at this time after launch.`,
  notBetterThanLine:
    "Not known: at this time after launch forecasts of past events were not clearly better than a straight line, or worse than the last week's pace.",
  rangeDoesNotHold:
    "Not known: at this time after launch forecasts of past events were sure of too much or of too little.",
};

const SHORT: Record<UnknownReason, string> = {
  group: "holds other events",
  cancelled: "cancelled",
  notCounted: "not counted yet",
  noLaunchDate: "no launch date",
  noCapacity: "no capacity",
  notLaunched: "not on sale yet",
  justLaunched: "just launched",
  nothingSold: "nothing sold yet",
  soldOut: "sold out",
  saleIsOver: "sale is over",
  placesAdded: "places were just added",
  tooFewComparables: "too few past events",
  notTestedYet: "being worked out",
  tooFewTested: "too few past events",
  notBetterThanLine: "no forecast is good enough",
  rangeDoesNotHold: "no forecast is good enough",
};

/** The same where there is room for a few words only. */
export const shortUnknownWords = ({ reason }: UnknownForecast) => SHORT[reason];

/** Whether an event sells out for which no day is told. */
export function outlookWords({ sellsOut, soldOutAt }: KnownForecast) {
  if (soldOutAt.low === null) return "not by the race";
  return sellsOut === "hardly" ? "hardly by the race" : "perhaps";
}

/** Why there is no forecast, for people; the day of a wave as the event's clock has it. */
export function unknownWords({ reason, wave }: UnknownForecast, dayOf: (at: number) => string) {
  if (reason !== "placesAdded") return WORDS[reason];
  if (!wave) return "Not known: places were added.";
  const added = new Intl.NumberFormat("en-GB").format(wave.to - wave.from);
  return `Not known: ${added} places were added on ${dayOf(wave.at)}.`;
}
