import { describe, expect, test } from "bun:test";
import { fc } from "../../../test/support/fast-check.ts";
import { emptyRows } from "../../../test/support/given.ts";
import { holding } from "../../../test/support/holding.ts";
import {
  EVENT_ID,
  eventJson,
  eventOf,
  HOUR,
  MEN,
  MINUTE,
  NOON,
  project,
  readFacts,
  readPayloads,
  WOMEN,
} from "../../../test/support/intake.ts";
import { emptiedDatabase, emptyTables } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import { until } from "../../../test/support/stage.ts";
import { VivenuEvent } from "../../vivenu/wire.ts";
import { readAccountOf, readKnownEvents } from "../store/events-seen.ts";
import { lockEvent } from "../store/locks.ts";
import { saveSeller } from "../store/sellers.ts";
import { type Outcome, recordDeletion, recordEvent } from "./record-event.ts";

const database = emptiedDatabase();

const at = (minutes: number) => new Date(NOON.getTime() + minutes * MINUTE);

/** The event with a name of its own, changed so many minutes after noon. */
const version = (name: string, minutes: number | undefined) =>
  eventOf({ name, updatedAt: minutes === undefined ? undefined : at(minutes).toISOString() });

const read = (source: "webhook" | "poll", event: VivenuEvent, minutes: number): Promise<Outcome> =>
  database.sql.begin((tx) =>
    recordEvent(tx, { account: "DACH", source, event, observedAt: at(minutes) }),
  );

const remove = (source: "webhook" | "poll", minutes: number, event?: VivenuEvent) =>
  database.sql.begin((tx) =>
    recordDeletion(tx, {
      ...{ account: "DACH", source, eventId: EVENT_ID, name: null, observedAt: at(minutes) },
      ...(event && { event }),
    }),
  );

/** Whoever waits for a lock of this database waits for the event's: nobody else is here. */
const waits = () =>
  until(
    async () => {
      const found = await database.sql`
        select from pg_locks
        where locktype = 'advisory' and not granted
          and database = (select oid from pg_database where datname = current_database())
      `;
      return found.length > 0;
    },
    { withinMs: 10_000, what: "a reading waits for its event" },
  );

test("a reading that had to wait for another one of its event knows what that one recorded", async () => {
  const other = await holding(database, (tx) => lockEvent(tx, "DACH", EVENT_ID));
  const waiting = read("poll", version("a", 1), 2);
  await waits();
  // As the one before it does, which looked at the event later.
  await database.sql.begin(async (tx) => {
    const elsewhere = { account: "ITALY", source: "webhook" as const, event: version("a", 1) };
    await recordEvent(tx, { ...elsewhere, observedAt: at(5) });
    await tx`update event_seen set account = 'DACH'`;
  });
  await other.release();
  expect(await waiting).toBe("unchanged");
  const [seen] = await database.sql`select observed_at from event_seen`;
  expect(seen?.observedAt).toEqual(at(5));
});

const said = async () =>
  (await readPayloads(database.sql, "event.updated.0")).map(
    ({ name, updatedAt }) => `${name} ${minutesOf(updatedAt)}`,
  );
const minutesOf = (time: string | null) =>
  time === null ? "without" : (Date.parse(time) - NOON.getTime()) / MINUTE;

/** What a reader of the log takes the event for, in whatever order the facts come to it. */
async function shown(sql = database.sql) {
  await emptyRows(sql);
  const facts = await readFacts(sql);
  await project(sql, facts.toReversed());
  const [row] = await sql<{ name: string; deleted: boolean }[]>`
    select name, deleted_at is not null as deleted from event
  `;
  return row && { ...row };
}

describe("an event is recorded", () => {
  test("when it is first seen, and then on change only", async () => {
    expect(await read("webhook", version("A", 1), 1)).toBe("recorded");
    expect(await read("poll", version("A", 1), 2)).toBe("unchanged");
    expect(await read("webhook", version("A", 3), 3)).toBe("unchanged");
    expect(await read("poll", version("B", 4), 4)).toBe("recorded");
    expect(await said()).toEqual(["A 1", "B 4"]);
    expect(await shown()).toEqual({ name: "B", deleted: false });
  });

  test("with its account, its source and when it was learned", async () => {
    await read("poll", version("A", 1), 2);
    const [fact] = await readPayloads(database.sql, "event.updated.0");
    expect(fact).toMatchObject({
      account: "DACH",
      source: "poll",
      observedAt: at(2).toISOString(),
      updatedAt: at(1).toISOString(),
      eventId: EVENT_ID,
      part: { number: 1, of: 1 },
    });
  });

  test("by each account that has it", async () => {
    await read("webhook", version("A", 1), 1);
    await database.sql.begin((tx) =>
      recordEvent(tx, {
        ...{ account: "FRANCE", source: "poll" as const },
        ...{ event: version("A", 1), observedAt: at(1) },
      }),
    );
    expect(await said()).toEqual(["A 1", "A 1"]);
    expect(await readAccountOf(database.sql, EVENT_ID)).toBeUndefined();
    expect(await readKnownEvents(database.sql, "FRANCE")).toEqual([EVENT_ID]);
  });

  test("once more with its prices when its account's currency is learned", async () => {
    await read("webhook", version("A", 1), 1);
    await saveSeller(database.sql, "DACH", { _id: "seller", currency: "EUR" }, at(2));
    expect(await read("poll", version("A", 1), 3)).toBe("recorded");
    await saveSeller(database.sql, "DACH", { _id: "seller", currency: null }, at(4));
    expect(await read("poll", version("A", 1), 5)).toBe("unchanged");
    const [before, after] = await readPayloads(database.sql, "event.updated.0");
    const price = (fact: typeof before) =>
      fact?.ticketTypes.find(({ ticketTypeId }) => ticketTypeId === MEN)?.priceMinor;
    expect([before?.currency, price(before)]).toEqual([null, null]);
    expect([after?.currency, price(after)]).toEqual(["EUR", 11_900]);
    await project(database.sql, (await readFacts(database.sql)).toReversed());
    const [row] = await database.sql`select currency from event`;
    expect(row?.currency).toBe("EUR");
  });
});

describe("a reading without a list that the event had", () => {
  const raw = {
    ...eventJson({ updatedAt: at(0).toISOString() }),
    categories: [{ _id: "c1", ref: "race", name: "Race", amount: 90 }],
    groups: [{ _id: "g1", name: "Partners", tickets: [WOMEN] }],
    cartAutomationRules: [{ triggerTargetGroup: "g0", thenTargets: [{ thenTargetGroup: "g1" }] }],
    underShops: [{ _id: "shop1", name: "HTC", active: true, tickets: [], categories: [] }],
  };

  test.each(["tickets", "categories", "groups", "cartAutomationRules", "underShops"])(
    "says nothing: %s that are not there are not gone",
    async (list) => {
      await read("poll", VivenuEvent.parse(raw), 1);
      const without = { ...raw, updatedAt: at(2).toISOString(), [list]: undefined };
      for (const source of ["webhook", "poll"] as const)
        await expect(read(source, VivenuEvent.parse(without), 3)).rejects.toThrow(
          `it comes without ${list} (`,
        );
      expect(await readPayloads(database.sql, "event.updated.0")).toHaveLength(1);
      const emptied = { ...without, [list]: [] };
      expect(await read("poll", VivenuEvent.parse(emptied), 4)).toBe("recorded");
      expect(await read("poll", VivenuEvent.parse(without), 5)).toBe("unchanged");
    },
  );
});

describe("a reading of which a part cannot be read", () => {
  const shop = {
    ...{ _id: "shop1", name: "HTC", active: true, maxAmount: 20, customerTags: ["HTCACCESS-1"] },
    tickets: [{ _id: "row1", baseTicket: MEN, amount: 10, active: true }],
    categories: [{ _id: "row2", baseCategoryId: "c1", amount: 5 }],
  };
  const raw = {
    ...eventJson({ updatedAt: at(0).toISOString() }),
    maxAmount: 500,
    childEvents: ["child1"],
    categories: [{ _id: "c1", ref: "race", name: "Race", amount: 90 }],
    groups: [{ _id: "g1", name: "Partners", tickets: [WOMEN] }],
    cartAutomationRules: [{ triggerTargetGroup: "g0", thenTargets: [{ thenTargetGroup: "g1" }] }],
    underShops: [shop],
  };
  const broken: [string, Record<string, unknown>][] = [
    ["categories[]", { categories: [{ _id: "c1", name: "Race", amount: 90 }] }],
    ["categories[].amount", { categories: [{ ...raw.categories[0], amount: "ninety" }] }],
    ["groups[]", { groups: [{ name: "Partners", tickets: [WOMEN] }] }],
    ["groups[].tickets[]", { groups: [{ _id: "g1", tickets: [{ id: WOMEN }] }] }],
    ["cartAutomationRules[]", { cartAutomationRules: ["g1"] }],
    ["cartAutomationRules[].thenTargets[]", { cartAutomationRules: [{ thenTargets: [{}] }] }],
    ["underShops[]", { underShops: [{ ...shop, _id: null }] }],
    ["underShops[].maxAmount", { underShops: [{ ...shop, maxAmount: {} }] }],
    ["underShops[].tickets[]", { underShops: [{ ...shop, tickets: [{ amount: 10 }] }] }],
    ["underShops[].tickets[]", { underShops: [{ ...shop, tickets: "all" }] }],
    [
      "underShops[].tickets[].amount",
      { underShops: [{ ...shop, tickets: [{ ...shop.tickets[0], amount: "ten" }] }] },
    ],
    ["underShops[].categories[]", { underShops: [{ ...shop, categories: [{ amount: 5 }] }] }],
    ["underShops[].customerTags[]", { underShops: [{ ...shop, customerTags: [7] }] }],
    ["maxAmount", { maxAmount: "many" }],
    ["childEvents[]", { childEvents: [{ _id: "child1" }] }],
  ];
  const saidOdd = async () =>
    (await readPayloads(database.sql, "event.updated.0")).map(({ unreadable }) => unreadable);

  test.each(broken)("loses nothing that was known: %s", async (part, changes) => {
    await read("poll", VivenuEvent.parse(raw), 1);
    const worse = VivenuEvent.parse({ ...raw, updatedAt: at(2).toISOString(), ...changes });
    for (const source of ["webhook", "poll"] as const)
      await expect(read(source, worse, 3)).rejects.toThrow(
        `its ${part} cannot be read, and could be until now`,
      );
    expect(await saidOdd()).toEqual([undefined]);
    expect(await read("poll", VivenuEvent.parse(raw), 4)).toBe("unchanged");
  });

  test.each(broken)("is named where nothing else was known: %s", async (part, changes) => {
    await read("poll", VivenuEvent.parse({ ...raw, ...changes }), 1);
    expect(await saidOdd()).toEqual([[part]]);
    const better = { ...raw, updatedAt: at(2).toISOString() };
    expect(await read("poll", VivenuEvent.parse(better), 3)).toBe("recorded");
    expect(await saidOdd()).toEqual([[part], undefined]);
  });

  test("says of a shop's list that is not there no more that it is empty", async () => {
    await read("poll", VivenuEvent.parse(raw), 1);
    for (const list of ["tickets", "categories"] as const) {
      const worse = {
        ...raw,
        updatedAt: at(2).toISOString(),
        underShops: [{ ...shop, [list]: null }],
      };
      await expect(read("poll", VivenuEvent.parse(worse), 3)).rejects.toThrow(
        `its underShops[].${list}[] cannot be read`,
      );
    }
    const none = {
      ...raw,
      updatedAt: at(4).toISOString(),
      underShops: [{ ...shop, categories: [] }],
    };
    expect(await read("poll", VivenuEvent.parse(none), 5)).toBe("recorded");
    expect(await saidOdd()).toEqual([undefined, undefined]);
  });

  test("goes with what it is of, where that is gone itself", async () => {
    await read("poll", VivenuEvent.parse(raw), 1);
    const other = { ...shop, _id: "shop2", tickets: ["all"], categories: [7], maxAmount: "many" };
    const next = { ...raw, updatedAt: at(2).toISOString(), underShops: [other] };
    expect(await read("poll", VivenuEvent.parse(next), 3)).toBe("recorded");
  });
});

describe("what is older than the newest known", () => {
  test("is history, and the newest stays the newest", async () => {
    await read("webhook", version("B", 5), 5);
    expect(await read("webhook", version("A", 1), 6)).toBe("doubtful");
    expect(await read("webhook", version("A", 1), 7)).toBe("doubtful");
    expect(await said()).toEqual(["B 5", "A 1"]);
    expect(await shown()).toEqual({ name: "B", deleted: false });
  });

  test("does not hide a newest that the log did not have yet", async () => {
    await read("webhook", version("A", 1), 1);
    expect(await read("poll", version("A", 3), 3.5)).toBe("unchanged");
    expect(await read("webhook", version("B", 2), 4)).toBe("doubtful");
    expect(await said()).toEqual(["A 1", "B 2", "A 3"]);
    const [, , again] = await readPayloads(database.sql, "event.updated.0");
    expect(again?.observedAt).toBe(at(3.5).toISOString());
    expect(await shown()).toEqual({ name: "A", deleted: false });
    expect(await read("webhook", version("C", 1.5), 5)).toBe("doubtful");
    expect(await said()).toEqual(["A 1", "B 2", "A 3", "C 1.5"]);
    expect(await shown()).toEqual({ name: "A", deleted: false });
  });
});

describe("two contents under one time of change", () => {
  test("the one that was seen last stands, and a webhook's is to be read again", async () => {
    await read("poll", version("A", 1), 1);
    expect(await read("webhook", version("B", 1), 2)).toBe("doubtful");
    expect(await shown()).toEqual({ name: "B", deleted: false });
    expect(await read("poll", version("A", 1), 3)).toBe("recorded");
    expect(await shown()).toEqual({ name: "A", deleted: false });
    expect(await read("poll", version("A", 1), 4)).toBe("unchanged");
    expect(await said()).toHaveLength(3);
  });

  test("the one that was seen last stands when the other comes late", async () => {
    await read("poll", version("A", 1), 1);
    await read("poll", version("A", 1), 5);
    expect(await read("webhook", version("B", 1), 3)).toBe("doubtful");
    expect(await shown()).toEqual({ name: "A", deleted: false });
  });

  test("seen in one moment, the reader of the log and we choose the same", async () => {
    for (const names of [
      ["A", "B"],
      ["B", "A"],
    ]) {
      await emptyTables(database.sql, "event_seen, outbox");
      for (const name of names) await read("poll", version(name, 1), 1);
      const [seen] = await database.sql`select description ->> 'name' as name from event_seen`;
      expect(await shown()).toEqual({ name: seen?.name, deleted: false });
    }
  });
});

test("where Vivenu says no time of change, ours stands in for it", async () => {
  expect(await read("webhook", version("A", undefined), 1)).toBe("recorded");
  expect(await read("webhook", version("A", undefined), 2)).toBe("unchanged");
  expect(await read("webhook", version("B", undefined), 3)).toBe("recorded");
  expect(await read("webhook", version("C", undefined), 2)).toBe("doubtful");
  expect(await said()).toEqual(["A without", "B without", "C without"]);
  expect(await shown()).toEqual({ name: "B", deleted: false });
  expect(await read("poll", version("D", 4), 5)).toBe("recorded");
  expect(await shown()).toEqual({ name: "D", deleted: false });
});

describe("a deleted event", () => {
  test("is recorded as gone once", async () => {
    await read("webhook", version("A", 1), 1);
    expect(await remove("webhook", 2)).toBe(true);
    expect(await remove("poll", 3)).toBe(false);
    expect(await readPayloads(database.sql, "event.deleted.0")).toEqual([
      {
        idempotencyKey: `event.deleted/DACH/${EVENT_ID}/${at(2).toISOString()}`,
        account: "DACH",
        source: "webhook",
        observedAt: at(2).toISOString(),
        eventId: EVENT_ID,
        name: null,
      },
    ]);
    expect(await shown()).toEqual({ name: "A", deleted: true });
    expect(await readKnownEvents(database.sql, "DACH")).toEqual([]);
  });

  test("is not brought back by a webhook, whatever it says, but is to be looked at", async () => {
    await read("poll", version("A", 1), 1);
    await remove("webhook", 5);
    expect(await read("webhook", version("A", 1), 6)).toBe("doubtful");
    expect(await read("webhook", version("B", 4), 7)).toBe("doubtful");
    expect(await read("webhook", version("C", 8), 8)).toBe("doubtful");
    expect(await shown()).toEqual({ name: "C", deleted: true });
    expect(await readKnownEvents(database.sql, "DACH")).toEqual([]);
  });

  test("is not brought back by an answer that was asked for before it was deleted", async () => {
    await read("poll", version("A", 1), 1);
    await remove("webhook", 5);
    expect(await read("poll", version("A", 1), 4)).toBe("doubtful");
    expect(await shown()).toEqual({ name: "A", deleted: true });
  });

  test("is not brought back when its newest description is said once more", async () => {
    await read("webhook", version("B", undefined), 1);
    await remove("webhook", 5);
    await read("webhook", version("B", undefined), 6);
    await read("poll", version("A", undefined), 3);
    expect(await shown()).toEqual({ name: "B", deleted: true });
  });

  test("is back when Vivenu's API has it again, which is always said", async () => {
    await read("poll", version("A", 1), 1);
    for (const round of [2, 5]) {
      await remove("poll", round);
      expect(await read("poll", version("A", 1), round + 1)).toBe("recorded");
      expect(await shown()).toEqual({ name: "A", deleted: false });
    }
    expect(await read("poll", version("A", 1), 9)).toBe("unchanged");
    expect(await said()).toEqual(["A 1", "A 1", "A 1"]);
    expect(await readKnownEvents(database.sql, "DACH")).toEqual([EVENT_ID]);
  });

  test("that was never seen has a row, whether its creation comes late or never", async () => {
    await remove("webhook", 2, version("A", 1));
    expect(await shown()).toEqual({ name: "A", deleted: true });
    expect(await read("webhook", version("A", 1), 4)).toBe("doubtful");
    expect(await shown()).toEqual({ name: "A", deleted: true });
    expect(await said()).toEqual(["A 1"]);
  });

  test("that was never seen is remembered, so that its creation coming late does not revive it", async () => {
    expect(await remove("webhook", 2, version("A", 1))).toBe(true);
    expect(await remove("webhook", 3, version("A", 1))).toBe(false);
    expect(await read("webhook", version("Draft", 0), 4)).toBe("doubtful");
    expect(await shown()).toEqual({ name: "A", deleted: true });
    expect(await read("poll", version("A", 1), 5)).toBe("recorded");
    expect(await shown()).toEqual({ name: "A", deleted: false });
  });
});

test("rows are what the newest description says, however readings are ordered and repeated", async () => {
  interface Step {
    kind: "webhook" | "poll" | "deleted";
    name: string;
    changedAt: number | undefined;
    /** How much earlier than its turn it was observed: a delivery may wait, a poll takes a while. */
    lag: number;
    repeats: number;
  }
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom("webhook", "webhook", "poll", "poll", "deleted"),
    name: fc.constantFrom("A", "B", "C"),
    changedAt: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined, freq: 6 }),
    lag: fc.constantFrom(0, 0, 1, 25),
    repeats: fc.integer({ min: 1, max: 2 }),
  });
  const eventFor = ({ name, changedAt }: Step) => ({
    ...version(name, changedAt),
    // Ticket types come and go with the versions.
    tickets: eventOf().tickets.filter(({ _id }) => (name === "A" ? _id !== WOMEN : _id !== MEN)),
  });
  /** A clock that is ahead of when it was observed by more than a clock's error is not believed. */
  const changedAtOf = ({ changedAt }: Step, observed: number) =>
    changedAt !== undefined && changedAt <= observed + 10 ? changedAt : observed;
  const newest = (a: { order: number[] }, b: { order: number[] }) =>
    (b.order[0] ?? 0) - (a.order[0] ?? 0) || (b.order[1] ?? 0) - (a.order[1] ?? 0);

  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 9 }),
      fc.infiniteStream(fc.nat()),
      async (steps, chance) => {
        await emptyTables(database.sql, "event_seen, outbox");
        const described: { name: string; order: number[] }[] = [];
        let deletedAt: number | undefined;
        for (const [turn, one] of steps.entries()) {
          // Deletions are told in turn; a quarter of a minute keeps every moment its own.
          const observed = 10 * (turn + 1) - (one.kind === "deleted" ? 0 : one.lag) + turn / 4;
          for (let i = 0; i < one.repeats; i += 1) {
            if (one.kind === "deleted") {
              if (described.length === 0) continue;
              await remove("webhook", observed);
              deletedAt ??= observed;
            } else {
              await read(one.kind, eventFor(one), observed);
              described.push({ name: one.name, order: [changedAtOf(one, observed), observed] });
              if (one.kind === "poll" && observed > (deletedAt ?? 0)) deletedAt = undefined;
            }
          }
        }
        await emptyRows(database.sql);
        const facts = await readFacts(database.sql);
        const shuffled = facts
          .map((fact) => ({ fact, place: chance.next().value }))
          .sort((a, b) => a.place - b.place)
          .map(({ fact }) => fact);
        await project(database.sql, shuffled);
        const [expected] = described.sort(newest);
        const rows = await database.sql`
          select name, deleted_at is not null as deleted, ticket_type_ids from event
        `;
        const has = rows[0]?.ticketTypeIds.includes(WOMEN) ? "women" : "men";
        expect(rows.map(({ name, deleted }) => ({ name, deleted }))).toEqual(
          expected ? [{ name: expected.name, deleted: deletedAt !== undefined }] : [],
        );
        if (expected) expect(has).toBe(expected.name === "A" ? "men" : "women");
      },
    ),
    { numRuns: runs(10), endOnFailure: false },
  );
});

test("a webhook that says a time of change that lies far ahead is not taken for the newest", async () => {
  await read("webhook", version("A", 2), -15);
  await read("webhook", version("B", 0), 20);
  expect(await shown()).toEqual({ name: "B", deleted: false });
});

test("readings of one event at the same time take turns", async () => {
  const versions = Array.from({ length: 8 }, (_, i) => version(`V${i}`, i));
  await Promise.all(versions.map((one, i) => read("webhook", one, i)));
  expect(await shown()).toEqual({ name: "V7", deleted: false });
  expect(new Set(await said()).size).toBe((await said()).length);
  await Promise.all([remove("webhook", HOUR / MINUTE), remove("poll", HOUR / MINUTE + 1)]);
  expect(await readPayloads(database.sql, "event.deleted.0")).toHaveLength(1);
});
