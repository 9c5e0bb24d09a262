import { expect, test } from "bun:test";
import { fakeClock } from "../../test/fixtures/vivenu/scripted.ts";
import {
  EVENT_ID,
  type ListedTicket,
  listed,
  playedTickets,
} from "../../test/fixtures/vivenu/tickets.ts";
import { isTurn } from "../../test/support/runs.ts";
import {
  byTime,
  chance,
  clientOf,
  idsOf,
  launchTimes,
  orders,
  readAll,
  UNTIL,
} from "../../test/support/ticket-reading.ts";
import { type ReadingProgress, readAllTickets } from "./all-tickets.ts";
import type { Fetch } from "./client.ts";
import type { PageContent } from "./ticket-page.ts";

const most: Record<string, number> = { rising: 1.15, falling: 1.15 };

/** Each takes a second, and is tried with others and with fewer tickets in `all-tickets.test.ts`. */
const turns = Object.keys(orders).filter((_, index) => isTurn(index, 3));

test.each(turns)("twenty thousand tickets listed %s are read in few requests", async (order) => {
  const random = chance(11);
  const rows = orders[order]?.(listed(launchTimes(20_000, random)), random) ?? [];
  const { fetch, requests } = playedTickets({ rows });
  const read = await readAll(fetch, 1000);
  expect({ complete: read.complete, total: read.total }).toEqual({
    complete: true,
    total: 20_000,
  });
  expect(idsOf(read.tickets)).toEqual(idsOf(rows));
  expect(requests.length).toBe(read.requests);
  expect(read.requests / 20).toBeLessThanOrEqual(most[order] ?? 3);
});

/** A list that takes a while for each page, and for some time answers 503 to one in so many requests. */
function troubled(rows: ListedTicket[], { oneIn, forMs }: { oneIn: number; forMs: number }) {
  const clock = fakeClock();
  const { fetch, requests } = playedTickets({ rows });
  let asked = 0;
  const over = clock.now().getTime() + forMs;
  const line = { refused: 0, whenOver: 0 };
  const answer: Fetch = async (url) => {
    await clock.pause(15_000);
    if (clock.now().getTime() >= over) return fetch(url);
    line.whenOver = requests.length;
    asked += 1;
    if (asked % oneIn !== 0) return fetch(url);
    line.refused += 1;
    return new Response("", { status: 503 });
  };
  return { answer, clock, line, requests };
}

const all = { eventId: EVENT_ID, until: UNTIL, pageSize: 160 };

async function requestsOf(rows: ListedTicket[]) {
  const { fetch, requests } = playedTickets({ rows });
  await readAllTickets(clientOf(fetch), all);
  return requests.length;
}

test.each(["rising", "falling", "shuffled"].filter((_, index) => isTurn(index, 3)))(
  "ten minutes of 503 on a tenth of the pages make none small that comes later, listed %s",
  async (order) => {
    const random = chance(11);
    const rows = orders[order]?.(listed(launchTimes(8_000, random)), random) ?? [];
    const clean = await requestsOf(rows);
    const { answer, clock, line, requests } = troubled(rows, { oneIn: 10, forMs: 10 * 60_000 });
    const client = clientOf(answer, clock);
    expect(await readAllTickets(client, all)).toMatchObject({ complete: true, total: 8_000 });
    expect(line.refused).toBeGreaterThanOrEqual(3);
    expect(client.requests).toBeLessThanOrEqual(1.3 * clean + line.refused);
    const later = requests.slice(line.whenOver + 3, -1);
    expect(later.map(({ searchParams }) => searchParams.get("top"))).toEqual(
      later.map(() => "160"),
    );
  },
);

test("a reading that was broken off in trouble goes on with large pages", async () => {
  const rows = listed(launchTimes(5_000, chance(11))).sort(byTime);
  const clean = await requestsOf(rows);
  const kept: PageContent = { tickets: [], malformed: [] };
  let progress: ReadingProgress | undefined;
  const { answer, clock, line } = troubled(rows, { oneIn: 3, forMs: 3_600_000 });
  const dying: Fetch = (...asked) =>
    line.refused < 10 ? answer(...asked) : Promise.resolve(new Response("", { status: 404 }));
  await readAllTickets(clientOf(dying, clock), {
    ...all,
    async keep({ tickets, malformed }, now) {
      kept.tickets.push(...tickets);
      kept.malformed.push(...malformed);
      progress = now;
    },
  }).catch(() => {});
  expect(kept.tickets.length).toBeGreaterThan(100);
  const calm = playedTickets({ rows });
  const read = await readAllTickets(clientOf(calm.fetch), {
    ...all,
    resume: progress && { ...kept, progress },
  });
  expect(read).toMatchObject({ complete: true, total: 5_000 });
  expect(calm.requests.length).toBeLessThanOrEqual(1.3 * clean);
});
