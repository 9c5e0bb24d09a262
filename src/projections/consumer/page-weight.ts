import type { Fact, SalesCounted } from "../../contracts/index.ts";
import type { Page } from "../../datacore/datacore.ts";

/** So many things (ticket types, undershops) a page should name: some megabytes once it is parsed. */
const WEIGHT = 8_000;
const SMALLEST = 20;
/** As much work as one ticket type. */
const HOURS_OF_A_TYPE = 20;
/** Of the first page nothing is known yet. */
const FIRST = 50;

/**
 * How many facts to ask for, so that a page takes the same memory whatever its facts hold: one count may
 * name one ticket type or hundreds.
 */
export function pageSizeByWeight(largest: number) {
  let size = Math.min(FIRST, largest);
  return {
    now: () => size,
    came({ facts }: Page) {
      if (facts.length === 0) return;
      const weight = facts.reduce((sum, fact) => sum + weightOf(fact), 0) / facts.length;
      const fitting = Math.max(SMALLEST, Math.floor(WEIGHT / weight));
      // It grows step by step: what follows may be heavier than what was seen.
      size = Math.min(largest, fitting, 2 * size);
    },
  };
}

/** Facts one after the other, so many at a time as weigh no more; one that is heavier is alone. */
export function* batchesOf(facts: readonly Fact[], most: number): Generator<Fact[]> {
  let batch: Fact[] = [];
  let weight = 0;
  for (const fact of facts) {
    weight += weightOf(fact);
    if (weight > most && batch.length > 0) {
      yield batch;
      batch = [];
      weight = weightOf(fact);
    }
    batch.push(fact);
  }
  if (batch.length > 0) yield batch;
}

export const weightOfAll = (facts: readonly Fact[]) =>
  facts.reduce((sum, fact) => sum + weightOf(fact), 0);

function weightOf({ payload }: Fact): number {
  const types = "ticketTypes" in payload ? payload.ticketTypes.length : 0;
  const shops = "underShops" in payload ? payload.underShops.length : 0;
  const hours = "countedAt" in payload ? hoursOf(payload.ticketTypes) / HOURS_OF_A_TYPE : 0;
  return 1 + types + shops + hours;
}

/** The first count of an event names every hour in which one of its tickets was sold. */
function hoursOf(types: readonly Hours[]): number {
  let hours = 0;
  for (const { newSales, replacements } of types)
    hours += Object.keys(newSales).length + Object.keys(replacements).length;
  return hours;
}

type Hours = Pick<SalesCounted["ticketTypes"][number], "newSales" | "replacements">;
