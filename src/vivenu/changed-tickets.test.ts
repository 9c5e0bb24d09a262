import { expect, test } from "bun:test";
import { countingBudget, fakeClock, recordingLog } from "../../test/fixtures/vivenu/scripted.ts";
import {
  BROKEN,
  type ListedTicket,
  listed,
  moody,
  playedTickets,
} from "../../test/fixtures/vivenu/tickets.ts";
import { fc } from "../../test/support/fast-check.ts";
import { isTurn, runs } from "../../test/support/runs.ts";
import { readChangedTickets } from "./changed-tickets.ts";
import { type Fetch, vivenuClient } from "./client.ts";

const SINCE = new Date("2026-06-01T10:00:00.000Z");
const UNTIL = new Date("2026-06-01T11:00:00.000Z");

const readChanged = (fetch: Fetch, pageSize: number) =>
  readChangedTickets(
    vivenuClient({
      baseUrl: "https://vivenu.example.com",
      apiKey: "key",
      region: "DACH",
      budget: countingBudget(),
      clock: fakeClock(),
      logger: recordingLog().logger,
      fetch,
    }),
    { since: SINCE, until: UNTIL, pageSize },
  );

const changed = (offsets: readonly number[]): ListedTicket[] =>
  listed(offsets.map((ms) => SINCE.getTime() + ms)).map((row) => ({
    ...row,
    createdAt: "2026-02-12T11:00:00.000Z",
  }));
const keysOf = (rows: readonly { _id: string; updatedAt: string }[]) =>
  rows.map(({ _id, updatedAt }) => `${_id} ${updatedAt}`).toSorted();

const byChange = (a: ListedTicket, b: ListedTicket) => a.updatedAt.localeCompare(b.updatedAt);
const orders = [
  (rows: ListedTicket[]) => rows,
  (rows: ListedTicket[]) => rows.toSorted(byChange),
  (rows: ListedTicket[]) => rows.toSorted(byChange).toReversed(),
];

const shuffled = (rows: ListedTicket[]) =>
  rows.toSorted((a, b) => Bun.hash.crc32(a._id) - Bun.hash.crc32(b._id));

/** Few moments and small pages: what goes wrong goes wrong where tickets share a moment. */
const cases = fc
  .record({
    offsets: fc.array(
      fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: -1000, max: 3_700_000 })),
      { maxLength: 50 },
    ),
    order: fc.constantFrom(...orders),
    pageSize: fc.integer({ min: 1, max: 12 }),
  })
  .map(({ offsets, order, pageSize }) => ({ rows: order(changed(offsets)), pageSize }));

const inTime = ({ updatedAt }: ListedTicket) =>
  updatedAt >= SINCE.toISOString() && updatedAt <= UNTIL.toISOString();

test("a few changes of a whole account take one request", async () => {
  const { fetch, requests } = playedTickets({ rows: changed([5, 6, 7]) });
  expect(await readChanged(fetch, 1000)).toMatchObject({ complete: true, requests: 1 });
  expect(Object.fromEntries(requests[0]?.searchParams ?? [])).toEqual({
    "updatedAt[$gte]": "2026-06-01T10:00:00.000Z",
    "updatedAt[$lte]": "2026-06-01T11:00:00.000Z",
    top: "1000",
    skip: "0",
  });
});

test("all changes are read, in whatever order they are listed", () =>
  fc.assert(
    fc.asyncProperty(cases, async ({ rows, pageSize }) => {
      const { fetch } = playedTickets({ rows });
      const read = await readChanged(fetch, pageSize);
      expect(read.reason).toBeUndefined();
      expect(keysOf(read.tickets)).toEqual(keysOf(rows.filter(inTime)));
    }),
    { numRuns: runs(75) },
  ));

test("tickets that change again meanwhile hide none of the others", () =>
  fc.assert(
    fc.asyncProperty(cases, fc.nat(50), async ({ rows, pageSize }, first) => {
      const again = new Set<string>();
      const { fetch } = playedTickets({
        rows: rows.map((row) => ({ ...row })),
        meddle: (number, answer, all) => {
          const told = { ...answer, rows: answer.rows.map((row) => ({ ...row })) };
          const row = all[(first + number * 7) % Math.max(all.length, 1)];
          if (row) {
            row.updatedAt = "2026-06-01T11:00:00.001Z";
            again.add(row._id);
          }
          return told;
        },
      });
      const read = await readChanged(fetch, pageSize);
      if (!read.complete) return;
      const stayed = keysOf(rows.filter((row) => inTime(row) && !again.has(row._id)));
      const kept = new Set(keysOf(read.tickets));
      expect(stayed.filter((key) => !kept.has(key))).toEqual([]);
    }),
    { numRuns: runs(75) },
  ));

test("of two answers that hold a ticket the newer change stands, whichever comes first", async () => {
  const rows = changed([1_000, 2_000, 3_000, 4_000]);
  const later = new Date(SINCE.getTime() + 1_500).toISOString();
  for (const isFirst of [true, false]) {
    const { fetch, requests } = playedTickets({
      rows,
      // What one of Vivenu's servers does not know yet, another may have said before.
      meddle: (number, answer) => ({
        ...answer,
        rows: answer.rows.map((row) =>
          row._id === "t0" && (number === 0) === isFirst ? { ...row, updatedAt: later } : row,
        ),
      }),
    });
    const read = await readChanged(fetch, 2);
    expect(requests.length).toBeGreaterThan(1);
    expect(read).toMatchObject({ complete: true });
    expect(read.tickets.find(({ _id }) => _id === "t0")?.updatedAt).toBe(later);
  }
});

test("a launch's changes take two or three requests a page", async () => {
  let state = 7;
  const random = () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
  for (const order of orders.filter((_, index) => isTurn(index, orders.length))) {
    const rows = order(changed(Array.from({ length: 5000 }, () => Math.floor(random() * 60_000))));
    const read = await readChanged(playedTickets({ rows }).fetch, 1000);
    expect({ complete: read.complete, read: read.tickets.length }).toEqual({
      complete: true,
      read: 5000,
    });
    expect(read.requests).toBeLessThanOrEqual(15);
  }
});

test("five thousand changes are not too many", async () => {
  const rows = changed(Array.from({ length: 5_000 }, (_, at) => at * 300));
  const read = await readChanged(playedTickets({ rows, maxTop: 100 }).fetch, 100);
  expect({ complete: read.complete, read: read.tickets.length }).toEqual({
    complete: true,
    read: 5_000,
  });
});

test("changes that were begun in small pages are read in large ones when Vivenu has recovered", async () => {
  const all = [...orders, shuffled];
  for (const order of all.filter((_, index) => isTurn(index, all.length))) {
    const rows = order(changed(Array.from({ length: 3_600 }, (_, at) => at * 900)));
    const clean = playedTickets({ rows });
    await readChanged(clean.fetch, 400);
    const { fetch, requests } = playedTickets({ rows });
    let refused = 0;
    const troubled: Fetch = async (url) => {
      if (Number(new URL(url).searchParams.get("top")) <= 25 || requests.length > 3)
        return fetch(url);
      refused += 1;
      return new Response("", { status: 503 });
    };
    const read = await readChanged(troubled, 400);
    expect({ complete: read.complete, read: read.tickets.length }).toEqual({
      complete: true,
      read: 3_600,
    });
    expect(refused).toBeGreaterThan(3);
    // The three in trouble, and some until pages are large again.
    expect(requests.length).toBeLessThanOrEqual(1.3 * clean.requests.length + 3 + 14);
  }
});

test("whichever pages are too much for Vivenu, now and then or for good, all changes are read", () =>
  fc.assert(
    fc.asyncProperty(
      cases,
      fc.array(fc.nat(3), { minLength: 1, maxLength: 20 }),
      fc.option(fc.integer({ min: 1, max: 40 })),
      async ({ rows }, luck, bears) => {
        const { fetch } = playedTickets({ rows });
        const read = await readChanged(moody(fetch, { luck, bears }), 64);
        expect(read.reason).toBeUndefined();
        expect(keysOf(read.tickets)).toEqual(keysOf(rows.filter(inTime)));
      },
    ),
    { numRuns: runs(75) },
  ));

test("a page that names a ticket twice in the place of another is not all that changed", async () => {
  const { fetch } = playedTickets({
    rows: changed([5, 6, 7]),
    meddle: (_, { rows, total }) => ({ rows: [...rows.slice(1), ...rows.slice(-1)], total }),
  });
  expect(await readChanged(fetch, 10)).toMatchObject({
    complete: false,
    reason: "a page names a ticket twice",
  });
});

test("a server that does not know the filter is not believed", async () => {
  const rows = changed([-3_600_000, 5]);
  const { fetch } = playedTickets({ rows, meddle: () => ({ rows, total: rows.length }) });
  expect(await readChanged(fetch, 1000)).toMatchObject({ complete: false });
});

test("tickets that cannot be read cost themselves only", () =>
  fc.assert(
    fc.asyncProperty(cases, fc.array(fc.nat(60)), fc.nat(5), async (given, places, how) => {
      const rows = given.rows.map((row, at) =>
        places.includes(at) ? { ...row, broken: BROKEN[(how + at) % BROKEN.length] ?? {} } : row,
      );
      const { fetch } = playedTickets({ rows });
      const read = await readChanged(fetch, given.pageSize);
      const wanted = rows.filter(inTime);
      expect(read.reason).toBeUndefined();
      expect(keysOf(read.tickets)).toEqual(keysOf(wanted.filter(({ broken }) => !broken)));
      const named = wanted.filter(({ broken }) => broken && !("_id" in broken));
      const ids = new Set(read.malformed.map(({ id }) => id));
      expect(named.filter(({ _id }) => !ids.has(_id))).toEqual([]);
    }),
    { numRuns: runs(100) },
  ));

test("a page of nothing that can be read does not lead to ever more requests", async () => {
  const rows = changed(Array.from({ length: 300 }, (_, at) => at * 1_000)).map((row) => ({
    ...row,
    broken: { updatedAt: null, createdAt: null },
  }));
  const { fetch, requests } = playedTickets({ rows });
  const read = await readChanged(fetch, 50);
  expect(read).toMatchObject({ complete: true, tickets: [] });
  expect(read.malformed).toHaveLength(300);
  expect(requests.length).toBeLessThan(40);
});

test("of a moment with more tickets than fit a page, some may be unreadable", async () => {
  const rows = changed(Array(60).fill(5)).map((row, at) =>
    at % 4 === 1 ? { ...row, broken: BROKEN[(at >> 2) % BROKEN.length] ?? {} } : row,
  );
  const read = await readChanged(playedTickets({ rows }).fetch, 20);
  expect(read.reason).toBeUndefined();
  expect(keysOf(read.tickets)).toEqual(keysOf(rows.filter(({ broken }) => !broken)));
});

test("one of many that is of another time than asked for is set apart", async () => {
  const rows = changed([1, 2, 3, 4, 5]).map((row, at) =>
    at === 2 ? { ...row, broken: { updatedAt: null } } : row,
  );
  const read = await readChanged(playedTickets({ rows }).fetch, 50);
  expect(read).toMatchObject({ complete: true, malformed: [{ id: "t2" }] });
  expect(read.tickets.map(({ _id }) => _id)).toEqual(["t0", "t1", "t3", "t4"]);
});

test("a ticket that changed outside of the time that was asked for is set apart, before it and behind it", async () => {
  const { fetch } = playedTickets({
    rows: changed(Array.from({ length: 300 }, (_, n) => n)),
    meddle: (_, answer) => ({
      ...answer,
      rows: answer.rows.map((row) => {
        if (row._id === "t0") return { ...row, updatedAt: "2026-06-01T11:00:00.001Z" };
        return row._id === "t1" ? { ...row, updatedAt: "2026-06-01T09:59:59.999Z" } : row;
      }),
    }),
  });
  const read = await readChanged(fetch, 1000);
  expect(read).toMatchObject({ complete: true });
  expect(read.tickets).toHaveLength(298);
  expect(read.malformed.map(({ id }) => id).toSorted()).toEqual(["t0", "t1"]);
});
