import { beforeEach, describe, expect, test } from "bun:test";
import { modelVivenu } from "../../../test/fixtures/vivenu/model.ts";
import {
  clientFor,
  dump,
  EVENT_ID,
  eventJson,
  eventOf,
  found,
  HOUR,
  handClock,
  logger,
  MEN,
  MINUTE,
  NOON,
  never,
  readCounts,
  WOMEN,
} from "../../../test/support/intake.ts";
import { emptiedDatabase, emptyTables } from "../../../test/support/reused-database.ts";
import { recordEvent } from "../events/record-event.ts";
import { saveAccountReading } from "../store/account-reading.ts";
import { applyChanges } from "./apply-changes.ts";
import { type EventDifference, takeFullCount } from "./full-count.ts";

const database = emptiedDatabase();
let clock: ReturnType<typeof handClock>;
beforeEach(async () => {
  clock = handClock();
  await database.sql.begin((tx) =>
    recordEvent(tx, { account: "DACH", source: "poll", event: eventOf(), observedAt: NOON }),
  );
});

interface Line {
  breakAt: number | undefined;
  requests: number;
  /** What is answered instead of what the list has. */
  lists?: (url: URL) => object | undefined;
  /** Answers for the list of tickets alone. */
  listsOf?: ReturnType<typeof modelVivenu>["fetch"];
  /** The status with which a ticket by itself is answered. */
  forTicket?: number;
  /** What the event by itself is answered with. */
  forEvent?: () => Response;
}

function vivenuWith(tickets: number, breakAt?: number, order?: "newest" | "oldest" | "shuffled") {
  const line: Line = { breakAt, requests: 0 };
  const model = modelVivenu({
    now: clock.now,
    ...(order && { order }),
    onRequest: () => {
      line.requests += 1;
      if (line.requests === line.breakAt) throw new Error("the process dies");
    },
  });
  model.putEvent({ ...eventJson(), _id: EVENT_ID, name: "HYROX Frankfurt" });
  for (let i = 0; i < tickets; i += 1) {
    const createdAt = new Date(NOON.getTime() - (1_000 - i) * MINUTE).toISOString();
    const ticketTypeId = i % 3 === 0 ? WOMEN : MEN;
    model.put({ eventId: EVENT_ID, ticketTypeId, createdAt, updatedAt: createdAt });
  }
  const countAll = (options: { onDifference?: (difference: EventDifference) => void } = {}) =>
    takeFullCount({
      ...{ sql: database.sql, eventId: EVENT_ID, until: clock.now(), pageSize: 10, clock, logger },
      client: clientFor({ baseUrl: "https://vivenu.example.com", fetch: dying, clock }),
      ...{ signal: never, ...options },
    });
  /** The client tries again what breaks, a process that died does not. */
  const dying = async (url: string) => {
    const lie = line.lists?.(new URL(url));
    if (lie) return Response.json(lie);
    if (line.listsOf && /\/api\/tickets\?/.test(url)) return line.listsOf(url);
    if (line.forTicket && /\/api\/tickets\/./.test(url))
      return new Response("", { status: line.forTicket });
    if (line.forEvent && /\/api\/events\/./.test(url)) return line.forEvent();
    if (line.breakAt !== undefined && line.requests >= line.breakAt)
      return new Response("", { status: 404 });
    return model.fetch(url).catch(() => new Response("", { status: 404 }));
  };
  return { model, line, countAll };
}

const soldOf = async (ticketTypeId: string) =>
  (await readCounts(database.sql))
    .at(-1)
    ?.ticketTypes.find((type) => type.ticketTypeId === ticketTypeId)?.sold;

test("a full count that breaks off at any page goes on there", async () => {
  for (const order of ["newest", "shuffled"] as const) {
    const { line, countAll } = vivenuWith(60, undefined, order);
    await countAll();
    const needed = line.requests;
    for (let page = 1; page <= needed; page += 1) {
      await emptyTables(
        database.sql,
        "count_seen, ticket_state, running_count, outbox, ticket_reading_page, ticket_reading",
      );
      const broken = vivenuWith(60, page, order);
      await expect(broken.countAll()).rejects.toThrow();
      broken.line.breakAt = undefined;
      clock.forward(MINUTE);
      expect((await broken.countAll()).ticketsRead).toBe(60);
      expect([await soldOf(MEN), await soldOf(WOMEN)]).toEqual([40, 20]);
      // The page that broke, and one that the rest is cut by.
      expect(broken.line.requests).toBeLessThanOrEqual(needed + (order === "newest" ? 2 : 4));
      const [left] = await database.sql`select count(*)::int as pages from ticket_reading_page`;
      expect(left?.pages).toBe(0);
    }
  }
});

test("a reading that an earlier version left with small pages goes on with large ones", async () => {
  const { line, countAll } = vivenuWith(60, 3);
  await expect(countAll()).rejects.toThrow();
  await database.sql`update ticket_reading set progress = progress || '{"top": 1}'`;
  line.breakAt = undefined;
  const before = line.requests;
  await countAll();
  expect(line.requests - before).toBeLessThanOrEqual(8);
});

test("a mass import that shares one instant goes on where it broke off", async () => {
  const { model, line, countAll } = vivenuWith(0);
  const createdAt = NOON.toISOString();
  for (let i = 0; i < 95; i += 1)
    model.put({ eventId: EVENT_ID, ticketTypeId: MEN, createdAt, updatedAt: createdAt });
  line.breakAt = 8;
  await expect(countAll()).rejects.toThrow();
  line.breakAt = undefined;
  await countAll();
  expect(await soldOf(MEN)).toBe(95);
  expect(line.requests).toBeLessThanOrEqual(16);
});

test("what was read too long ago is read anew", async () => {
  const { line, countAll } = vivenuWith(60, 4);
  await expect(countAll()).rejects.toThrow();
  line.breakAt = undefined;
  clock.forward(13 * HOUR);
  const before = line.requests;
  await countAll();
  expect(line.requests - before).toBeGreaterThanOrEqual(6);
});

describe("the full count is the truth", () => {
  test("and says in which field the incremental count was wrong, and heals it", async () => {
    const { model, countAll } = vivenuWith(30);
    await countAll();
    await saveAccountReading(database.sql, "DACH", { ticketsUntil: clock.now() });
    // Vivenu changes two without saying so.
    const [first, second] = [...model.tickets.keys()];
    for (const id of [first, second]) {
      const ticket = model.tickets.get(id ?? "");
      if (ticket) model.tickets.set(ticket._id, { ...ticket, status: "INVALID" });
    }
    clock.forward(HOUR);
    const differences: EventDifference[] = [];
    await countAll({ onDifference: (difference) => differences.push(difference) });
    expect(differences).toContainEqual({
      ...{ account: "DACH", eventId: EVENT_ID, field: "sold", tickets: 2 },
    });
    expect(differences).toContainEqual({
      ...{ account: "DACH", eventId: EVENT_ID, field: "invalid", tickets: 2 },
    });
    expect([await soldOf(MEN), await soldOf(WOMEN)]).toEqual([19, 9]);
    differences.length = 0;
    clock.forward(HOUR);
    await countAll({ onDifference: (difference) => differences.push(difference) });
    expect(differences).toEqual([]);
  });

  test("and a ticket that Vivenu has no more is counted no more", async () => {
    const { model, countAll } = vivenuWith(12);
    await countAll();
    model.tickets.delete([...model.tickets.keys()][1] ?? "");
    clock.forward(HOUR);
    await countAll();
    expect(await soldOf(MEN)).toBe(7);
  });

  test.each([
    ["empty", 0],
    ["a part of it", 5],
  ])("but not by a list that is %s while Vivenu has the tickets still", async (_, shown) => {
    const { model, line, countAll } = vivenuWith(12);
    await countAll();
    clock.forward(HOUR);
    const facts = (await readCounts(database.sql)).length;
    line.lists = ({ pathname }) => {
      if (pathname !== "/api/tickets") return undefined;
      return { rows: [...model.tickets.values()].slice(0, shown), total: shown };
    };
    await expect(countAll()).rejects.toThrow(
      `its list lacks ${12 - shown} of 12 that are sold, and Vivenu still has them`,
    );
    expect(await readCounts(database.sql)).toHaveLength(facts);
    line.lists = () => undefined;
    clock.forward(HOUR);
    await countAll();
    expect([await soldOf(MEN), await soldOf(WOMEN)]).toEqual([8, 4]);
  });

  test.each([
    ["first", 0],
    ["in the middle", 6],
    ["last", 11],
  ])(
    "but not by a list that is empty while the ticket that was created %s is there still",
    async (_, place) => {
      const { model, line, countAll } = vivenuWith(12);
      await countAll();
      clock.forward(HOUR);
      for (const [n, [id, ticket]] of [...model.tickets].entries())
        if (n !== place) model.tickets.set(id, { ...ticket, status: "INVALID" });
      line.lists = ({ pathname }) =>
        pathname === "/api/tickets" ? { rows: [], total: 0 } : undefined;
      await expect(countAll()).rejects.toThrow("and Vivenu still has them");
    },
  );

  test.each([
    ["refunded", { status: "INVALID" }],
    ["another event's", { eventId: "elsewhere" }],
  ] as const)("and tickets that it lacks and that are %s are counted no more", async (_, now) => {
    const { model, line, countAll } = vivenuWith(12);
    await countAll();
    clock.forward(HOUR);
    for (const [id, ticket] of model.tickets) model.tickets.set(id, { ...ticket, ...now });
    line.lists = ({ pathname }) =>
      pathname === "/api/tickets" ? { rows: [], total: 0 } : undefined;
    await countAll();
    expect([await soldOf(MEN), await soldOf(WOMEN)]).toEqual([0, 0]);
  });

  /** A Vivenu whose list has not the first tickets that were made. */
  function without(model: ReturnType<typeof modelVivenu>, count: number) {
    const short = modelVivenu({ now: clock.now });
    for (const event of model.events.values()) short.putEvent(event);
    for (const [id, ticket] of [...model.tickets].slice(count)) short.tickets.set(id, ticket);
    return short.fetch;
  }

  test("and where it lacks one of a hundred, Vivenu is not asked for that one", async () => {
    const { model, line, countAll } = vivenuWith(100);
    await countAll();
    clock.forward(HOUR);
    line.listsOf = without(model, 2);
    await expect(countAll()).rejects.toThrow(
      "its list lacks 2 of 100 that are sold, and Vivenu still has them",
    );
    line.listsOf = without(model, 1);
    await countAll();
    // The first that was made is a woman's.
    expect([await soldOf(MEN), await soldOf(WOMEN)]).toEqual([66, 33]);
  });

  /** So many that were bought and are refunded by now, after those that are sold. */
  function refund(model: ReturnType<typeof modelVivenu>, count: number) {
    for (let n = 0; n < count; n += 1)
      model.put({ eventId: EVENT_ID, ticketTypeId: MEN, status: "INVALID" });
    clock.forward(MINUTE);
  }

  test("and where it lacks refunded ones alone it is believed at once, though the key may not ask for a ticket", async () => {
    const { model, line, countAll } = vivenuWith(12);
    refund(model, 6);
    await countAll();
    clock.forward(HOUR);
    line.forTicket = 403;
    for (const { _id, status } of [...model.tickets.values()])
      if (status === "INVALID") model.tickets.delete(_id);
    expect((await countAll()).ticketsRead).toBe(12);
    expect([await soldOf(MEN), await soldOf(WOMEN)]).toEqual([8, 4]);
  });

  test("but not where it lacks half of what is sold, however many refunded ones it has", async () => {
    const { model, line, countAll } = vivenuWith(4);
    refund(model, 300);
    await countAll();
    clock.forward(HOUR);
    line.listsOf = without(model, 2);
    await expect(countAll()).rejects.toThrow("its list lacks 2 of 4 that are sold");
  });

  test.each([
    ["is refused", 403, ""],
    ["cannot be read", 200, JSON.stringify({ _id: EVENT_ID, name: 7 })],
  ])(
    "and tickets that Vivenu has no more are counted no more, though the event itself %s",
    async (_, status, body) => {
      const { model, line, countAll } = vivenuWith(12);
      await countAll();
      clock.forward(HOUR);
      model.tickets.clear();
      line.forEvent = () => new Response(body, { status });
      await countAll();
      expect([await soldOf(MEN), await soldOf(WOMEN)]).toEqual([0, 0]);
    },
  );

  test("but not while Vivenu does not answer for the event, which may be gone", async () => {
    const { model, line, countAll } = vivenuWith(12);
    await countAll();
    clock.forward(HOUR);
    model.tickets.clear();
    line.forEvent = () => new Response("", { status: 500 });
    await expect(countAll()).rejects.toThrow("500");
    expect([await soldOf(MEN), await soldOf(WOMEN)]).toEqual([8, 4]);
  });

  test("and tickets that it lacks and that Vivenu answers 404 for are counted no more", async () => {
    const { model, countAll } = vivenuWith(12);
    await countAll();
    clock.forward(HOUR);
    model.tickets.clear();
    await countAll();
    expect([await soldOf(MEN), await soldOf(WOMEN)]).toEqual([0, 0]);
  });

  test.each([401, 403])(
    "and where Vivenu answers %d for a ticket by itself its word counts when it is the same an hour later",
    async (status) => {
      const { model, line, countAll } = vivenuWith(12);
      await countAll();
      clock.forward(HOUR);
      line.forTicket = status;
      const all = new Map(model.tickets);
      for (const again of [false, true]) {
        model.tickets.clear();
        const why = "the key may not ask for one of them by itself";
        await expect(countAll()).rejects.toThrow(why);
        clock.forward(30 * MINUTE);
        await expect(countAll()).rejects.toThrow(why);
        expect([await soldOf(MEN), await soldOf(WOMEN)]).toEqual([8, 4]);
        clock.forward(30 * MINUTE);
        // What was whole in between is doubted anew.
        if (!again) for (const [id, ticket] of all) model.tickets.set(id, ticket);
        await countAll();
      }
      expect([await soldOf(MEN), await soldOf(WOMEN)]).toEqual([0, 0]);
    },
  );

  test("but not by a list that Vivenu's own number of sold tickets contradicts, where none can be asked for", async () => {
    const { model, line, countAll } = vivenuWith(12);
    await countAll();
    line.forTicket = 403;
    line.lists = ({ pathname, searchParams }) =>
      pathname !== "/api/tickets" || searchParams.has("status")
        ? undefined
        : { rows: [...model.tickets.values()].slice(0, 5), total: 5 };
    for (let n = 0; n < 3; n += 1) {
      clock.forward(HOUR);
      await expect(countAll()).rejects.toThrow(
        "its list lacks 7 of 12 that are sold, and Vivenu's own number of them is 12",
      );
    }
    expect([await soldOf(MEN), await soldOf(WOMEN)]).toEqual([8, 4]);
  });

  test.each([
    ["no more than half of those", 8, "the key may not ask for one of them by itself"],
    ["one more", 9, "Vivenu's own number of them is 9"],
  ])(
    "nor at once where that number has %s that the list lacks, and none can be asked for",
    async (_, total, why) => {
      const { model, line, countAll } = vivenuWith(12);
      await countAll();
      line.forTicket = 403;
      line.lists = ({ pathname, searchParams }) => {
        if (pathname !== "/api/tickets") return undefined;
        if (searchParams.has("status")) return { rows: [], total };
        return { rows: [...model.tickets.values()].slice(0, 4), total: 4 };
      };
      clock.forward(HOUR);
      await expect(countAll()).rejects.toThrow(`its list lacks 8 of 12 that are sold, and ${why}`);
    },
  );

  test.each([401, 403])(
    "but not by a list that is empty, where Vivenu answers %d for a ticket and 404 for the event",
    async (status) => {
      const { model, line, countAll } = vivenuWith(12);
      await countAll();
      line.forTicket = status;
      model.events.delete(EVENT_ID);
      await expect(countAll()).rejects.toThrow("may not ask for one of them by itself");
      for (let n = 0; n < 3; n += 1) {
        clock.forward(HOUR);
        await expect(countAll()).rejects.toThrow("Vivenu answers 404 for the event itself");
      }
      expect([await soldOf(MEN), await soldOf(WOMEN)]).toEqual([8, 4]);
    },
  );

  test("but what changed while it was read stays as it is by now", async () => {
    const { model, line, countAll } = vivenuWith(30, 3);
    await expect(countAll()).rejects.toThrow();
    line.breakAt = undefined;
    clock.forward(MINUTE);
    const refunded = [...model.tickets.values()].at(-2);
    model.change(refunded?._id ?? "", { status: "INVALID" });
    const { tickets } = await clientFor({
      ...{ baseUrl: "https://vivenu.example.com", fetch: model.fetch },
    }).readTicketsPage({ updatedFrom: clock.now(), top: 10 });
    const changes = { tickets, malformed: [], until: clock.now(), excludes: () => false };
    await database.sql.begin((tx) => applyChanges(tx, "DACH", changes));
    await countAll();
    expect(((await soldOf(MEN)) ?? 0) + ((await soldOf(WOMEN)) ?? 0)).toBe(29);
  });
});

test("nothing that is kept of a ticket leads to its holder", async () => {
  const { line, countAll } = vivenuWith(25, 3);
  await expect(countAll()).rejects.toThrow();
  expect(found(await dump(database.sql), ["@example.com", "email"])).toEqual([]);
  line.breakAt = undefined;
  await countAll();
  expect(found(await dump(database.sql), ["@example.com", "email"])).toEqual([]);
});
