import type { Clock } from "../../src/lib/clock.ts";
import { type ReadAllTicketsOptions, readAllTickets } from "../../src/vivenu/all-tickets.ts";
import { type Fetch, vivenuClient } from "../../src/vivenu/client.ts";
import { countingBudget, fakeClock, recordingLog } from "../fixtures/vivenu/scripted.ts";
import { EVENT_ID, type ListedTicket } from "../fixtures/vivenu/tickets.ts";

export const LAUNCH = Date.parse("2026-02-12T11:00:00.000Z");
export const UNTIL = new Date("2026-09-01T00:00:00.000Z");
export const DAY_MS = 86_400_000;

export const clientOf = (fetch: Fetch, clock: Clock = fakeClock()) =>
  vivenuClient({
    baseUrl: "https://vivenu.example.com",
    apiKey: "key",
    region: "DACH",
    budget: countingBudget(),
    clock,
    logger: recordingLog().logger,
    fetch,
  });

export const readAll = (
  fetch: Fetch,
  pageSize: number,
  options: Partial<ReadAllTicketsOptions> = {},
) => readAllTickets(clientOf(fetch), { eventId: EVENT_ID, until: UNTIL, pageSize, ...options });

export const idsOf = (tickets: readonly { _id: string }[]) =>
  tickets.map(({ _id }) => _id).toSorted();

/** Chance that is the same in every run. */
export function chance(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

export const byTime = (a: ListedTicket, b: ListedTicket) => a.createdAt.localeCompare(b.createdAt);
export const orders: Record<
  string,
  (rows: ListedTicket[], random: () => number) => ListedTicket[]
> = {
  rising: (rows) => rows.toSorted(byTime),
  falling: (rows) => rows.toSorted(byTime).toReversed(),
  shuffled: (rows, random) => sortedBy(rows, random),
  "by id, as databases make them": (rows, random) =>
    sortedBy(rows, (row) => Math.floor(Date.parse(row.createdAt) / 1000) + random()),
  "by the last change": (rows, random) =>
    sortedBy(
      rows,
      (row) => Date.parse(row.createdAt) + (random() < 0.1 ? 100 * DAY_MS : 5000) * random(),
    ),
  "by the last change, newest first": (rows, random) =>
    sortedBy(
      rows,
      (row) => -Date.parse(row.createdAt) - (random() < 0.1 ? 100 * DAY_MS : 5000) * random(),
    ),
  "in two blocks": (rows) => {
    const sorted = rows.toSorted(byTime);
    return [...sorted.slice(sorted.length / 2), ...sorted.slice(0, sorted.length / 2)];
  },
};

function sortedBy(rows: ListedTicket[], keyOf: (row: ListedTicket) => number) {
  const keyed = rows.map((row) => ({ row, key: keyOf(row) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ row }) => row);
}

/** Most are sold in the first hour, the others over half a year. */
export const launchTimes = (count: number, random: () => number) =>
  Array.from({ length: count }, () =>
    Math.floor(
      random() < 0.6
        ? LAUNCH - Math.log(1 - random()) * 20 * 60_000
        : LAUNCH + random() * 190 * DAY_MS,
    ),
  );
