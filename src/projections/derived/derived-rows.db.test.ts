import { expect, test } from "bun:test";
import { freshDatabase } from "../../../test/support/database.ts";
import { asRead, eventUpdated, salesCounted } from "../../../test/support/facts.ts";
import { emptyTables, reusedDatabase } from "../../../test/support/reused-database.ts";
import type { NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { systemClock } from "../../lib/clock.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { defaultSoldOutPolicy } from "../../rules/sold-out.ts";
import { projections } from "../tables/log-projections.ts";
import { shownRows } from "../tables/shown-rows.ts";
import type { Derivation, RowSettings } from "./derivation.ts";
import { withDerived } from "./projections.ts";
import { countLeft, type RefillOptions, refill } from "./refill-derived.ts";

const settingsOf = (reopenPlaces: number): RowSettings => ({
  policy: defaultPolicy,
  soldOut: { ...defaultSoldOutPolicy, reopenPlaces },
});

/** Of each event how many descriptions and counts it has, and under which setting that was found. */
function tally() {
  const told: string[] = [];
  const unmakeable = new Set<string>();
  const heavy = new Set<string>();
  const derivation: Derivation = {
    name: "tally",
    tables: [],
    madeOf: ({ soldOut }) => soldOut?.reopenPlaces,
    async derive(sql, touched, { settings, onFault, postpone }) {
      for (const one of touched) {
        const { eventId, since } = one;
        if (postpone && heavy.has(eventId)) {
          postpone(one);
          continue;
        }
        if (unmakeable.has(eventId)) {
          onFault(eventId, new Error("it is not as the program expects"));
          continue;
        }
        told.push(`${eventId} since ${since?.toISOString().slice(0, 10) ?? "ever"}`);
        await sql`
          insert into tally (event_id, facts, setting)
          select ${eventId}, (
            (select count(*) from event_version where event_id = ${eventId})
            + (select count(*) from event_count where event_id = ${eventId})
          ), ${settings.soldOut?.reopenPlaces ?? 0}
          on conflict (event_id) do update set facts = excluded.facts, setting = excluded.setting
        `;
      }
      return { written: Promise.resolve() };
    },
  };
  return { derivation, told, unmakeable, heavy };
}

const day = (n: number) => `2026-02-0${n}T10:00:00.000Z`;
const described = (eventId: string, n: number) =>
  eventUpdated({ eventId, updatedAt: day(n), observedAt: day(n) });
const counted = (eventId: string, n: number) => salesCounted({ eventId, countedAt: day(n) });

async function withTally(work: (sql: Pool) => Promise<void>) {
  await using database = await reusedDatabase();
  const { sql } = database;
  await sql`create table tally (event_id text primary key, facts integer, setting integer)`;
  try {
    await work(sql);
  } finally {
    await sql`drop table tally`;
  }
}

const rowsOf = async (sql: Pool) => {
  const rows = await sql<{ eventId: string; facts: number; setting: number }[]>`
    select event_id, facts, setting from tally order by event_id
  `;
  return rows.map(({ eventId, facts, setting }) => `${eventId}: ${facts} under ${setting}`);
};

const apply = (sql: Pool, derivation: Derivation, facts: NewFact[], settings = settingsOf(5)) =>
  sql.begin((tx) =>
    withDerived(projections, { ...settings, derivations: [derivation], onFault: () => {} }).apply(
      tx,
      facts.map((fact) => asRead(fact)),
    ),
  );

function background(sql: Pool, derivation: Derivation, given: Partial<RefillOptions> = {}) {
  const options = { derivations: [derivation], ...settingsOf(5), ...given };
  const step = refill({
    ...{ sql, clock: systemClock, check: async () => {}, tell: async () => {}, ...options },
  });
  return { step, left: () => countLeft(sql, options) };
}

async function untilIdle(step: () => Promise<"more" | "idle">) {
  while ((await step()) === "more");
}

test("rows that are made of others are there when the facts are, and are told since when to look", () =>
  withTally(async (sql) => {
    const { derivation, told } = tally();
    await apply(sql, derivation, [described("berlin", 2), counted("berlin", 4)]);
    await apply(sql, derivation, [counted("berlin", 6)]);
    await apply(sql, derivation, [counted("berlin", 3), counted("berlin", 5)]);
    await apply(sql, derivation, [counted("berlin", 5)]);
    expect(told).toEqual([
      "berlin since ever",
      "berlin since 2026-02-06",
      "berlin since 2026-02-03",
    ]);
    expect(await rowsOf(sql)).toEqual(["berlin: 5 under 5"]);
  }));

test("other settings make all rows anew, event by event, and a restart goes on where it was", () =>
  withTally(async (sql) => {
    const { derivation, told } = tally();
    const events = ["berlin", "hamburg", "paris"];
    for (const eventId of events) await apply(sql, derivation, [described(eventId, 2)]);
    expect(await background(sql, derivation).left()).toBe(0);
    const other = background(sql, derivation, settingsOf(9));
    expect(await other.left()).toBe(3);
    await other.step();
    expect(await rowsOf(sql)).toEqual([
      "berlin: 1 under 9",
      "hamburg: 1 under 5",
      "paris: 1 under 5",
    ]);
    told.length = 0;
    const restarted = background(sql, derivation, settingsOf(9));
    expect(await restarted.left()).toBe(2);
    await untilIdle(restarted.step);
    expect(told).toEqual(["hamburg since ever", "paris since ever"]);
    expect(await restarted.left()).toBe(0);
  }));

test("a fact of an event that has rows of other settings has them made anew as a whole", () =>
  withTally(async (sql) => {
    const { derivation, told } = tally();
    await apply(sql, derivation, [described("berlin", 2)]);
    await apply(sql, derivation, [counted("berlin", 4)], settingsOf(9));
    expect(told.at(-1)).toBe("berlin since ever");
    expect(await rowsOf(sql)).toEqual(["berlin: 2 under 9"]);
    expect(await background(sql, derivation, settingsOf(9)).left()).toBe(0);
  }));

test("what would keep the log waiting is left to the background, which takes up all that came since", () =>
  withTally(async (sql) => {
    const { derivation, told, heavy } = tally();
    await apply(sql, derivation, [described("berlin", 2), counted("berlin", 4)]);
    heavy.add("berlin");
    await apply(sql, derivation, [counted("berlin", 3)]);
    await apply(sql, derivation, [counted("berlin", 5)]);
    expect(await rowsOf(sql)).toEqual(["berlin: 2 under 5"]);
    const { step, left } = background(sql, derivation);
    expect(await left()).toBe(1);
    await untilIdle(step);
    expect(told.at(-1)).toBe("berlin since 2026-02-03");
    expect(await rowsOf(sql)).toEqual(["berlin: 4 under 5"]);
    expect(await left()).toBe(0);
  }));

test("a page does not wait for an event that the background has in hand", () =>
  withTally(async (sql) => {
    const { derivation } = tally();
    await apply(sql, derivation, [described("berlin", 2)]);
    const { promise: isInHand, resolve: take } = Promise.withResolvers<void>();
    const { promise: isLetGo, resolve: letGo } = Promise.withResolvers<void>();
    const slow: Derivation = {
      ...derivation,
      async derive(...given) {
        const derived = await derivation.derive(...given);
        take();
        await isLetGo;
        return derived;
      },
    };
    const other = settingsOf(9);
    const { step, left } = background(sql, slow, other);
    const making = step();
    await isInHand;
    await apply(sql, derivation, [counted("berlin", 4)], other);
    expect(await rowsOf(sql)).toEqual(["berlin: 1 under 5"]);
    letGo();
    await making;
    expect(await rowsOf(sql)).toEqual(["berlin: 1 under 9"]);
    expect(await left()).toBe(1);
    await untilIdle(step);
    expect(await rowsOf(sql)).toEqual(["berlin: 2 under 9"]);
  }));

test("two flow types that touch one event at a time leave rows that are made of both", () =>
  withTally(async (sql) => {
    const { derivation } = tally();
    for (let round = 1; round <= 5; round += 1) {
      await emptyTables(sql, "tally, event_version, event_count, derived_event");
      await Promise.all([
        apply(sql, derivation, [described("berlin", round)]),
        apply(sql, derivation, [counted("berlin", round)]),
      ]);
      expect(await rowsOf(sql)).toEqual(["berlin: 2 under 5"]);
    }
  }));

test("an event whose rows cannot be made keeps those it has, takes nobody else's with it and is tried again", () =>
  withTally(async (sql) => {
    const { derivation, unmakeable } = tally();
    await apply(sql, derivation, [described("berlin", 2), described("paris", 2)]);
    unmakeable.add("berlin");
    await apply(sql, derivation, [counted("berlin", 4), counted("paris", 4)]);
    expect(await rowsOf(sql)).toEqual(["berlin: 1 under 5", "paris: 2 under 5"]);
    const failing: string[] = [];
    let now = new Date("2026-03-01T00:00:00Z");
    const { step, left } = background(sql, derivation, {
      clock: { ...systemClock, now: () => now },
      onFault: (eventId) => void failing.push(eventId),
    });
    await untilIdle(step);
    await untilIdle(step);
    expect(failing).toEqual(["berlin"]);
    expect(await left()).toBe(1);
    unmakeable.clear();
    now = new Date("2026-03-01T00:06:00Z");
    await untilIdle(step);
    expect(await rowsOf(sql)).toEqual(["berlin: 2 under 5", "paris: 2 under 5"]);
    expect(await left()).toBe(0);
  }));

test("shown rows that cannot be written while others are derived fail the transaction, and nothing else", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const takesLonger: Derivation = {
    name: "takes longer",
    tables: [],
    madeOf: () => 1,
    async derive(tx, _touched, { rows }) {
      await rows;
      // PostgreSQL answers in turn: when this fails it is known that the rows were not written.
      await tx`select 1`.catch(() => {});
      await new Promise(setImmediate);
      return { written: Promise.resolve() };
    },
  };
  const policy = { ...settingsOf(5), derivations: [takesLonger], onFault: () => {} };
  const shown = withDerived(projections, policy, shownRows(policy));
  const describe = (n: number) =>
    sql.begin((tx) =>
      shown.apply(tx, [
        asRead(eventUpdated({ name: `HYROX ${n}`, updatedAt: day(n), observedAt: day(n) })),
      ]),
    );
  await describe(1);
  await sql`
    create function has_no_space() returns trigger language plpgsql as $$
    begin raise exception 'no space left' using errcode = 'disk_full'; end $$
  `;
  await sql`create trigger no_space before update on event_shown execute function has_no_space()`;
  // A rejection that nobody takes fails a test by itself, and ends the service.
  await expect(describe(2)).rejects.toThrow("no space left");
  const [event] = await sql<{ name: string }[]>`select name from event`;
  expect(event?.name).toBe("HYROX 1");
});
