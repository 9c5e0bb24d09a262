import { expect, test } from "bun:test";
import fc from "fast-check";
import { countingBudget, fakeClock, recordingLog } from "../../test/fixtures/vivenu/scripted.ts";
import {
  BROKEN,
  EVENT_ID,
  type ListAnswer,
  type ListedTicket,
  listed,
  moody,
  playedTickets,
} from "../../test/fixtures/vivenu/tickets.ts";
import type { Clock } from "../lib/clock.ts";
import { type ReadAllTicketsOptions, type ReadingProgress, readAllTickets } from "./all-tickets.ts";
import { type Fetch, vivenuClient } from "./client.ts";
import type { PageContent } from "./ticket-page.ts";

const LAUNCH = Date.parse("2026-02-12T11:00:00.000Z");
const UNTIL = new Date("2026-09-01T00:00:00.000Z");
const DAY_MS = 86_400_000;

const clientOf = (fetch: Fetch, clock: Clock = fakeClock()) =>
  vivenuClient({
    baseUrl: "https://vivenu.example.com",
    apiKey: "key",
    region: "DACH",
    budget: countingBudget(),
    clock,
    logger: recordingLog().logger,
    fetch,
  });

const readAll = (fetch: Fetch, pageSize: number, options: Partial<ReadAllTicketsOptions> = {}) =>
  readAllTickets(clientOf(fetch), { eventId: EVENT_ID, until: UNTIL, pageSize, ...options });

const idsOf = (tickets: readonly { _id: string }[]) => tickets.map(({ _id }) => _id).toSorted();

/** Chance that is the same in every run. */
function chance(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

const byTime = (a: ListedTicket, b: ListedTicket) => a.createdAt.localeCompare(b.createdAt);
const orders: Record<string, (rows: ListedTicket[], random: () => number) => ListedTicket[]> = {
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
const launchTimes = (count: number, random: () => number) =>
  Array.from({ length: count }, () =>
    Math.floor(
      random() < 0.6
        ? LAUNCH - Math.log(1 - random()) * 20 * 60_000
        : LAUNCH + random() * 190 * DAY_MS,
    ),
  );

const most: Record<string, number> = { rising: 1.15, falling: 1.15 };

test.each(Object.keys(orders))(
  "twenty thousand tickets listed %s are read in few requests",
  async (order) => {
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
  },
);

test("an event whose tickets fit one page takes one request", async () => {
  for (const count of [0, 1, 50]) {
    const { fetch, requests } = playedTickets({ rows: listed(launchTimes(count, chance(3))) });
    const read = await readAll(fetch, 50);
    expect(read).toMatchObject({ complete: true, total: count, requests: 1 });
    expect(requests.map(({ search }) => search)).toEqual([
      `?event=${EVENT_ID}&start=1970-01-01T00%3A00%3A00.000Z&end=2026-09-01T00%3A00%3A00.000Z&top=50&skip=0`,
    ]);
  }
});

test("a mass import of one moment is paged, and what is around it is read too", async () => {
  const rows = listed([LAUNCH - 5, ...Array(95).fill(LAUNCH), LAUNCH + 7, LAUNCH + 9]);
  const random = chance(5);
  for (const sort of Object.values(orders)) {
    const { fetch } = playedTickets({ rows: sort(rows, random) });
    const read = await readAll(fetch, 20);
    expect(read).toMatchObject({ complete: true, total: 98 });
    expect(idsOf(read.tickets)).toEqual(idsOf(rows));
  }
});

test("a server that gives smaller pages than asked for is read whole", async () => {
  const rows = listed(launchTimes(900, chance(8)));
  const { fetch, requests } = playedTickets({ rows, maxTop: 100 });
  const read = await readAll(fetch, 1000);
  expect(read).toMatchObject({ complete: true, total: 900 });
  expect(requests.length).toBeLessThan(30);
});

test("pages stay small once Vivenu was overloaded", async () => {
  const { fetch, requests } = playedTickets({
    rows: listed(launchTimes(300, chance(8))).sort(byTime),
  });
  const overloaded: Fetch = async (url) =>
    Number(new URL(url).searchParams.get("top")) > 70
      ? new Response("", { status: 503 })
      : fetch(url);
  const client = clientOf(overloaded);
  const read = await readAllTickets(client, { eventId: EVENT_ID, until: UNTIL, pageSize: 400 });
  expect(read).toMatchObject({ complete: true, total: 300, requests: client.requests });
  expect(client.requests - requests.length).toBe(3);
  expect(requests[0]?.searchParams.get("top")).toBe("50");
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

test.each(["rising", "falling", "shuffled"])(
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

test("tickets sold while the pages are read do not disturb them", () =>
  fc.assert(
    fc.asyncProperty(cases, async ({ rows, pageSize }) => {
      const late = listed([UNTIL.getTime() + 1, UNTIL.getTime() + 2], "late");
      const { fetch } = playedTickets({
        rows: [...rows],
        meddle: (number, answer, all) => {
          all.splice(
            number % (all.length + 1),
            0,
            ...late.map((row) => ({ ...row, _id: `${row._id}${number}` })),
          );
          return answer;
        },
      });
      const read = await readAll(fetch, pageSize);
      expect(read.reason).toBeUndefined();
      expect(read.complete).toBe(true);
      expect(idsOf(read.tickets)).toEqual(idsOf(rows));
    }),
    { numRuns: 150 },
  ));

test("whichever pages are too much for Vivenu, now and then or for good, all tickets are read", () =>
  fc.assert(
    fc.asyncProperty(
      cases,
      fc.array(fc.nat(3), { minLength: 1, maxLength: 20 }),
      fc.option(fc.integer({ min: 1, max: 40 })),
      async ({ rows }, luck, bears) => {
        const { fetch } = playedTickets({ rows: [...rows] });
        const read = await readAll(moody(fetch, { luck, bears }), 40);
        expect(read.reason).toBeUndefined();
        expect(idsOf(read.tickets)).toEqual(idsOf(rows));
      },
    ),
    { numRuns: 150 },
  ));

/** Few moments and small pages: what goes wrong goes wrong where tickets share a moment. */
const cases = fc
  .record({
    times: fc.array(
      fc
        .oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 100_000 }))
        .map((ms) => LAUNCH + ms),
      { maxLength: 60 },
    ),
    order: fc.constantFrom(...Object.values(orders)),
    pageSize: fc.integer({ min: 1, max: 12 }),
    seed: fc.nat(1000),
  })
  .map(({ times, order, pageSize, seed }) => ({
    rows: order(listed(times), chance(seed)),
    pageSize,
  }));

const lies: Record<
  string,
  (answer: ListAnswer, before: ListAnswer, rows: ListedTicket[]) => ListAnswer
> = {
  "a total that is too high": ({ rows, total }) => ({ rows, total: total + 1 }),
  "a total that is too low": ({ rows, total }) => ({ rows, total: Math.max(total - 1, 0) }),
  "the page before, once more": (_, before) => before,
  "the rows of the page before": ({ total }, before) => ({ rows: before.rows, total }),
  "a row twice": ({ rows, total }) => ({ rows: [...rows.slice(1), ...rows.slice(-1)], total }),
  "a row too few": ({ rows, total }) => ({ rows: rows.slice(1), total }),
  "an empty page": ({ total }) => ({ rows: [], total }),
  "a ticket of another event": ({ rows, total }) => ({
    rows: rows.map((row) => ({ ...row, eventId: "another" })),
    total,
  }),
  "a ticket created meanwhile, in the past": (answer, _, rows) => {
    rows.push(...listed([LAUNCH + 5], "new"));
    return answer;
  },
  "a ticket deleted meanwhile": (answer, _, rows) => {
    rows.pop();
    return answer;
  },
};

test.each(Object.keys(lies))(
  "%s never makes an incomplete reading pass for complete",
  async (name) => {
    let caught = 0;
    await fc.assert(
      fc.asyncProperty(cases, fc.nat(6), async ({ rows, pageSize }, lyingRequest) => {
        let before: ListAnswer = { rows: [], total: 0 };
        const { fetch } = playedTickets({
          rows: [...rows],
          meddle: (number, answer, all) => {
            const told =
              number === lyingRequest ? (lies[name]?.(answer, before, all) ?? answer) : answer;
            before = answer;
            return told;
          },
        });
        const read = await readAll(fetch, pageSize);
        if (!read.complete) {
          caught += 1;
          expect(read.reason).toBeString();
        } else if (read.requests > 1 || lyingRequest > 0)
          expect(idsOf(read.tickets)).toEqual(idsOf(rows));
      }),
      { numRuns: 150 },
    );
    expect(caught).toBeGreaterThan(5);
  },
);

test("a server that makes up every answer is left alone", async () => {
  const { fetch } = playedTickets({
    rows: listed(launchTimes(200, chance(1))),
    meddle: (number, { rows }) => ({ rows, total: 1000 + number }),
  });
  const read = await readAll(fetch, 20);
  expect(read.complete).toBe(false);
  expect(read.requests).toBeLessThan(700);
});

test("a refused key is a failure, not an event without tickets", async () => {
  const refused: Fetch = async () => new Response("", { status: 401 });
  await expect(readAll(refused, 20)).rejects.toThrow("refuses the API key of account DACH");
});

test("tickets that cannot be read cost themselves only", () =>
  fc.assert(
    fc.asyncProperty(
      cases,
      fc.uniqueArray(fc.nat(60), { maxLength: 12 }),
      fc.nat(5),
      async (given, places, how) => {
        const rows = given.rows.map((row, at) =>
          places.includes(at) ? { ...row, broken: BROKEN[(how + at) % BROKEN.length] ?? {} } : row,
        );
        const read = await readAll(playedTickets({ rows }).fetch, given.pageSize + 25);
        expect(read.reason).toBeUndefined();
        expect(idsOf(read.tickets)).toEqual(idsOf(rows.filter(({ broken }) => !broken)));
        const broken = rows.filter((row) => row.broken);
        expect(read.malformed).toHaveLength(broken.length);
      },
    ),
    { numRuns: 200 },
  ));

test("a reading that breaks off knows of those that cannot be read when it goes on", async () => {
  const rows = listed([...Array(40).keys()].map((at) => LAUNCH + Math.floor(at / 2) * 60_000)).map(
    (row, at) => (at % 7 === 3 ? { ...row, broken: BROKEN[at % BROKEN.length] ?? {} } : row),
  );
  const broken = rows.filter((row) => row.broken);
  const imported = Array(35).fill(LAUNCH + 60_000_000);
  const moment = listed(imported, "m").map((row, at) =>
    at === 20 ? { ...row, broken: { _id: null } } : row,
  );
  const all = [...rows, ...moment];
  const whole = await readAll(playedTickets({ rows: all }).fetch, 10);
  for (let page = 1; page < whole.requests; page += 1) {
    const kept: PageContent = { tickets: [], malformed: [] };
    let progress: ReadingProgress | undefined;
    let asked = 0;
    const dying: Fetch = (url) => {
      asked += 1;
      return asked > page
        ? Promise.resolve(new Response("", { status: 404 }))
        : playedTickets({ rows: all }).fetch(url);
    };
    await readAll(dying, 10, {
      async keep({ tickets, malformed }, now) {
        kept.tickets.push(...tickets);
        kept.malformed.push(...malformed);
        progress = now;
      },
    }).catch(() => {});
    const read = await readAll(playedTickets({ rows: all }).fetch, 10, {
      resume: progress && { ...kept, progress },
    });
    expect(read.reason).toBeUndefined();
    expect(idsOf(read.tickets)).toEqual(idsOf(all.filter((row) => !("broken" in row))));
    expect(read.malformed).toHaveLength(broken.length + 1);
  }
});

test("an event of which next to nothing can be read is given up", async () => {
  const rows = listed(launchTimes(300, chance(4))).map((row) => ({ ...row, broken: { _id: 1 } }));
  const read = await readAll(playedTickets({ rows }).fetch, 50);
  expect(read).toMatchObject({ complete: false, reason: expect.stringContaining("most tickets") });
});

test("one of many that is of another time or event than asked for is set apart", async () => {
  for (const broken of [{ createdAt: "2031-01-01T00:00:00.000Z" }, { eventId: "another" }]) {
    const rows = listed(launchTimes(60, chance(6))).map((row, at) =>
      at === 7 ? { ...row, broken } : row,
    );
    const read = await readAll(playedTickets({ rows }).fetch, 20);
    expect(read).toMatchObject({ complete: true, total: 60, malformed: [{ id: "t7" }] });
    expect(read.tickets).toHaveLength(59);
  }
});
