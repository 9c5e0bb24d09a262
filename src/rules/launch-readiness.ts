import type { TicketClass } from "./classify.ts";

/** What of a ticket type says whether it can be sold. */
export interface TypeForLaunch {
  ticketTypeId: string;
  class: string;
  active: boolean;
  removed: boolean;
  /** In major units; null where it is not known. */
  price: number | null;
  capacity: number | null;
}

/**
 * - `noRaces`     the event has no ticket type that its totals hold
 * - `noPrice`     ticket types whose price is 0 or not known
 * - `inactive`    ticket types that are switched off
 * - `noCapacity`  ticket types of which no place can be sold
 */
export const launchProblems = ["noRaces", "noPrice", "inactive", "noCapacity"] as const;

export type LaunchProblemName = (typeof launchProblems)[number];

export interface LaunchProblem {
  problem: LaunchProblemName;
  /** Which ticket types it is of, in the event's order; none for the event's own problem. */
  ticketTypes: { ticketTypeId: string; ticketName: string }[];
}

export interface FoundProblem {
  problem: LaunchProblemName;
  ticketTypeIds: string[];
}

interface Readiness {
  /** The classes that an event's totals are made of: only those are looked at. */
  countedClasses: readonly TicketClass[];
}

/** What an operator should look at before an event goes on sale. */
export function readinessOf(
  all: readonly TypeForLaunch[],
  { countedClasses }: Readiness,
): FoundProblem[] {
  const counted: ReadonlySet<string> = new Set(countedClasses);
  const types = all.filter((type) => !type.removed && counted.has(type.class));
  if (types.length === 0) return [{ problem: "noRaces", ticketTypeIds: [] }];
  return checks.flatMap(([problem, isOf]) => {
    const ticketTypeIds = types.filter(isOf).map(({ ticketTypeId }) => ticketTypeId);
    return ticketTypeIds.length > 0 ? [{ problem, ticketTypeIds }] : [];
  });
}

const checks: [LaunchProblemName, (type: TypeForLaunch) => boolean][] = [
  ["noPrice", ({ price }) => price === null || price === 0],
  ["inactive", ({ active }) => !active],
  ["noCapacity", ({ capacity }) => capacity === null || capacity <= 0],
];
