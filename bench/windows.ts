import { readAllTickets } from "../src/vivenu/all-tickets.ts";
import { type VivenuClient, vivenuClient } from "../src/vivenu/client.ts";
import { countingBudget, fakeClock, recordingLog } from "../test/fixtures/vivenu/scripted.ts";
import {
  EVENT_ID,
  type ListedTicket,
  listed,
  playedTickets,
} from "../test/fixtures/vivenu/tickets.ts";

const LAUNCH = Date.parse("2026-02-12T11:00:00.000Z");
const UNTIL = new Date("2026-09-01T00:00:00.000Z");
const TOP = 1_000;
const DAY_MS = 86_400_000;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Chance that is the same in every run. */
function chance(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

const random = chance(11);
const byTime = (rows: ListedTicket[]) =>
  rows.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));

const orders: Record<string, (rows: ListedTicket[]) => ListedTicket[]> = {
  "by creation": byTime,
  "newest first": (rows) => byTime(rows).toReversed(),
  shuffled: (rows) =>
    rows
      .map((row) => ({ row, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ row }) => row),
};

const shapes: Record<string, (count: number) => number[]> = {
  "a launch, 60 % in its first hour": (count) =>
    Array.from({ length: count }, () =>
      Math.floor(
        random() < 0.6
          ? LAUNCH - Math.log(1 - random()) * 20 * 60_000
          : LAUNCH + random() * 190 * DAY_MS,
      ),
    ),
  "evenly over half a year": (count) =>
    Array.from({ length: count }, () => Math.floor(LAUNCH + random() * 190 * DAY_MS)),
  "half of them an import of one minute": (count) =>
    Array.from({ length: count }, () =>
      Math.floor(random() < 0.5 ? LAUNCH + random() * 60_000 : LAUNCH + random() * 190 * DAY_MS),
    ),
};

const clientOf = (rows: ListedTicket[]) =>
  vivenuClient({
    ...{ baseUrl: "https://vivenu.example.com", apiKey: "key", region: "DACH" },
    ...{ budget: countingBudget(), clock: fakeClock(), logger: recordingLog().logger },
    fetch: playedTickets({ rows }).fetch,
  });

/** A window that does not fit one page is cut in the middle, and each half is asked for. */
async function halving(client: VivenuClient, from: number, until: number): Promise<number> {
  const page = await client.readTicketsPage({
    ...{ eventId: EVENT_ID, top: TOP },
    ...{ createdFrom: new Date(from), createdUntil: new Date(until) },
  });
  if (page.tickets.length === page.total) return page.total;
  const middle = Math.floor((from + until) / 2);
  return (await halving(client, from, middle)) + (await halving(client, middle + 1, until));
}

/** What a full count's requests are, against the simplest way that is as right. */
export async function windowsBench(tickets: number) {
  const pages = Math.ceil(tickets / TOP);
  say(`${tickets} tickets, ${TOP} a page: ${pages} full pages`);
  for (const [shape, timesOf] of Object.entries(shapes)) {
    const all = listed(timesOf(tickets));
    for (const [order, sort] of Object.entries(orders)) {
      const rows = sort(all);
      const [ours, halves] = [clientOf(rows), clientOf(rows)];
      const read = await readAllTickets(ours, { eventId: EVENT_ID, until: UNTIL, pageSize: TOP });
      if (!read.complete || read.tickets.length !== tickets) throw new Error("not all were read");
      // From the year before the first was sold, which somebody would have to know.
      const found = await halving(halves, LAUNCH - 365 * DAY_MS, UNTIL.getTime());
      if (found !== tickets) throw new Error("halving did not read all");
      const ratio = (requests: number) => `${requests} (${(requests / pages).toFixed(2)})`;
      say(
        `${shape}, ${order}: ${ratio(ours.requests)} requests, by halving ${ratio(halves.requests)}`,
      );
    }
  }
}
