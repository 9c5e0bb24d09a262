import { expect, test } from "bun:test";
import {
  BROKEN,
  EVENT_ID,
  type ListAnswer,
  type ListedTicket,
  listed,
  moody,
  playedTickets,
} from "../../test/fixtures/vivenu/tickets.ts";
import { fc, fixed } from "../../test/support/fast-check.ts";
import { runs } from "../../test/support/runs.ts";
import {
  byTime,
  chance,
  clientOf,
  idsOf,
  LAUNCH,
  launchTimes,
  orders,
  readAll,
  UNTIL,
} from "../../test/support/ticket-reading.ts";
import { type ReadingProgress, readAllTickets } from "./all-tickets.ts";
import type { Fetch } from "./client.ts";
import type { PageContent } from "./ticket-page.ts";

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
    { numRuns: runs(75) },
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
    { numRuns: runs(75) },
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

const lyingCases = fc.tuple(cases, fc.nat(6));

test.each(Object.keys(lies))(
  "%s never makes an incomplete reading pass for complete",
  async (name) => {
    let caught = 0;
    await fc.assert(
      fc.asyncProperty(lyingCases, async ([{ rows, pageSize }, lyingRequest]) => {
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
      {
        numRuns: 8 + runs(75),
        examples: [3, 10, 11, 35, 36, 37, 38, 40].map((seed) => [fixed(lyingCases, seed)]),
      },
    );
    expect(caught).toBeGreaterThan(5);
  },
);

test("a ticket that a later page names out of its time does not stand for one that is missing", async () => {
  const rows = listed([LAUNCH, ...Array(4).fill(LAUNCH + 1)]);
  const { fetch } = playedTickets({
    rows,
    meddle: (number, answer) =>
      number === 1 ? { rows: rows.slice(0, 4), total: answer.total } : answer,
  });
  expect(await readAll(fetch, 4)).toMatchObject({
    complete: false,
    reason: "4 tickets were read and 5 expected",
  });
});

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
    { numRuns: runs(100) },
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
