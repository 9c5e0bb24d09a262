import { expect, test } from "bun:test";
import {
  asRead,
  eventUpdated,
  pollFinished,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { projections } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { refill } from "../derived/refill-derived.ts";
import { readRowMessages } from "../queries/read-row-messages.ts";
import type { Touched } from "../tables/touched.ts";
import { KEPT_MESSAGES, rowTeller, tellRemade, tellRows } from "./row-messages.ts";

const described = (day: number, price: number) =>
  eventUpdated({
    eventId: "berlin",
    ticketTypes: [ticketType({ priceMinor: price, amount: 10 })],
    updatedAt: `2026-02-0${day}T10:00:00.000Z`,
    observedAt: `2026-02-0${day}T10:00:01.000Z`,
  });

const counted = (day: number, sold: number) =>
  salesCounted({
    eventId: "berlin",
    countedAt: `2026-03-0${day}T10:00:00.000Z`,
    ticketTypes: [typeCount({ sold })],
  });

/** As a page of the log is applied. */
const applyTogether = (sql: Pool, facts: NewFact[]) =>
  sql.begin(async (tx) => {
    const page = facts.map((fact) => asRead(fact));
    const { news, tell } = rowTeller();
    const touched: Touched[] = [];
    for (const { apply } of projections) touched.push(...(await apply(tx, page, news)));
    await tell(tx, page, touched);
  });

const readTold = async (sql: Pool) =>
  (await readRowMessages(sql, { after: 0, limit: 1_000 })).map(
    ({ position, kinds, regions, events, changes }) => ({
      position,
      kinds: kinds.toSorted(),
      regions,
      eventIds: events.map(({ eventId }) => eventId),
      changes: changes.map(
        (change) =>
          change && `${change.field} ${change.previousValue.value} ${change.newValue.value}`,
      ),
    }),
  );

test("each transaction that writes rows is told of, with what changed in it", async () => {
  const { sql } = await reusedDatabase();
  await applyTogether(sql, [described(1, 9_900)]);
  await applyTogether(sql, [counted(1, 3), pollFinished()]);
  await applyTogether(sql, [described(2, 10_900), counted(2, 10)]);
  const told = await readTold(sql);
  expect(told.map(({ changes: _, ...message }) => message)).toEqual([
    { position: 1, kinds: ["description"], regions: [], eventIds: ["berlin"] },
    { position: 2, kinds: ["poll", "sales"], regions: ["DACH"], eventIds: ["berlin"] },
    { position: 3, kinds: ["changes", "description", "sales"], regions: [], eventIds: ["berlin"] },
  ]);
  expect(told[2]?.changes).toContain("price of HYROX MEN | Saturday 99 109");
});

test("what is known already is not told again, nor is a change that was found before", async () => {
  const { sql } = await reusedDatabase();
  await applyTogether(sql, [described(1, 9_900)]);
  await applyTogether(sql, [described(3, 11_900)]);
  await applyTogether(sql, [described(4, 12_900)]);
  // It came late: what was one change is two, and the one behind them is what it was.
  await applyTogether(sql, [described(2, 10_900)]);
  const price = "price of HYROX MEN | Saturday";
  expect((await readTold(sql)).map(({ changes }) => changes)).toEqual([
    [],
    // It is none any more.
    [undefined],
    [`${price} 119 129`],
    [`${price} 99 109`, `${price} 109 119`],
  ]);
});

test("what the background finds is told as well", async () => {
  const { sql } = await reusedDatabase();
  await applyTogether(sql, [described(1, 9_900), described(2, 10_900)]);
  await sql`delete from event_change`;
  await sql`delete from change_fold`;
  await sql`update derived_event set digest = null`;
  const step = refill({
    ...{ sql, policy: defaultPolicy, check: async () => {}, tell: tellRemade },
    clock: { now: () => new Date("2026-04-01T00:00:00Z"), pause: async () => {} },
  });
  while ((await step()) === "more");
  expect((await readTold(sql)).at(-1)).toMatchObject({
    kinds: ["changes", "remade"],
    eventIds: ["berlin"],
    changes: ["price of HYROX MEN | Saturday 99 109"],
  });
});

test("positions have no gap and are seen in their order, whoever tells at one time", async () => {
  const { sql } = await reusedDatabase();
  const seen: number[] = [];
  let isOver = false;
  const look = async () => {
    while (!isOver)
      for (const { position } of await readRowMessages(sql, { after: seen.at(-1) ?? 0, limit: 50 }))
        seen.push(position);
  };
  const looking = look();
  const tellers = Array.from({ length: 40 }, (_, n) =>
    sql
      .begin(async (tx) => {
        await tellRows(tx, { kinds: ["sales"], eventIds: [`e${n}`] });
        // One that fails takes no position with it.
        if (n % 5 === 0) throw new Error("undone");
      })
      .catch(() => {}),
  );
  await Promise.all(tellers);
  isOver = true;
  await looking;
  const all = (await readRowMessages(sql, { after: 0, limit: 100 })).map(
    ({ position }) => position,
  );
  expect(all).toEqual(Array.from({ length: 32 }, (_, n) => n + 1));
  expect(seen).toEqual(all.slice(0, seen.length));
});

test("of messages the newest so many are kept", async () => {
  const { sql } = await reusedDatabase();
  await sql`insert into row_position (position) values (${KEPT_MESSAGES + 500})`;
  await sql`
    insert into row_message (position, kinds, accounts, event_ids)
    select n, '{}', '{}', '{}' from generate_series(1, ${KEPT_MESSAGES + 500}::int) n
  `;
  for (let n = 0; n < 64; n += 1) await tellRows(sql, { kinds: ["sales"] });
  const [kept] = await sql<{ least: number; all: number }[]>`
    select min(position)::int as least, count(*)::int as all from row_message
  `;
  expect(kept?.all).toBeLessThanOrEqual(KEPT_MESSAGES + 64);
  expect(kept?.all).toBeGreaterThanOrEqual(KEPT_MESSAGES);
});
