import { afterEach, beforeEach, expect, test } from "bun:test";
import type { TestDatabase } from "../../test/support/database.ts";
import { playedDatabase } from "../../test/support/played-database.ts";
import type { StoredEvent } from "./documents.ts";
import { readEvents } from "./events.ts";
import { wave } from "./live-sales.ts";
import { readStock } from "./stock.ts";
import { playSmall, stoppedClock } from "./testing.ts";

const DAY_MS = 86_400_000;

let database: TestDatabase;
let clock: ReturnType<typeof stoppedClock>;

beforeEach(async () => {
  database = await playedDatabase();
  clock = stoppedClock();
});

afterEach(() => database[Symbol.asyncDispose]());

type Small = Awaited<ReturnType<typeof playSmall>>;

async function live(vivenu: Small, ticks: number, stepMs: number) {
  await vivenu.tick(clock.now());
  for (let tick = 0; tick < ticks; tick += 1) {
    clock.forward(stepMs);
    await vivenu.tick(clock.now());
  }
}

const countTickets = async (eventId: string) => {
  const [row] = await database.sql`
    select count(*)::int as count from vivenu.ticket where event_id = ${eventId}
  `;
  return Number(row?.count);
};

const stored = async (name: string): Promise<StoredEvent> => {
  const event = (await readEvents(database.sql)).find(({ document }) =>
    document.name.startsWith(name),
  );
  if (!event) throw new Error(`no event ${name}`);
  return event;
};

test("a minute sells some tickets of what is on sale, and none of what is over", async () => {
  await using vivenu = await playSmall(database.sql, { now: clock.now });
  const nice = await stored("HYROX Nice");
  const [total] = await database.sql`select count(*)::int as count from vivenu.ticket`;
  const over = await countTickets(nice.id);
  await live(vivenu, 60, 1000);
  const [after] = await database.sql`select count(*)::int as count from vivenu.ticket`;
  const sold = Number(after?.count) - Number(total?.count);
  expect(sold).toBeGreaterThan(20);
  expect(sold).toBeLessThan(400);
  expect(await countTickets(nice.id)).toBe(over);
});

test("a launch is a rush until everything is gone, and no entry is sold twice", async () => {
  await using vivenu = await playSmall(database.sql, { now: clock.now });
  const hamburg = await stored("HYROX Hamburg");
  clock.forward(2 * DAY_MS);
  await live(vivenu, 40, 5000);
  const { document } = await stored("HYROX Hamburg");
  const stock = await readStock(database.sql, { ...hamburg, document });
  const paid = document.tickets.filter(({ ignoreForMaxAmounts }) => !ignoreForMaxAmounts);
  const entries = paid.filter(({ name }) => /HYROX/.test(name));
  const left = entries.reduce((sum, { _id }) => sum + stock.of(_id), 0);
  expect(left).toBeLessThan(entries.reduce((sum, { amount }) => sum + amount, 0) / 4);

  const direct = await database.sql`
    select ticket_type_id as id, count(*)::int as taken from vivenu.ticket
    where event_id = ${hamburg.id} and under_shop_id is null and triggered_by is null
      and status in ('VALID', 'DETAILSREQUIRED', 'RESERVED')
    group by ticket_type_id
  `;
  const taken = new Map(direct.map((row) => [row.id, row.taken]));
  expect(paid.filter(({ _id, amount }) => (taken.get(_id) ?? 0) > amount)).toEqual([]);
});

test("a wave is more places of every race, whatever caps it has", async () => {
  await using vivenu = await playSmall(database.sql, { now: clock.now });
  const { id, document: before } = await stored("HYROX Auckland");
  expect((await vivenu.act("PATCH", `/events/${id}`, wave(before))).status).toBe(200);
  const { document: after } = await stored("HYROX Auckland");
  const rooms = ({ tickets, categories }: typeof before) =>
    ["Race", "Charity", "Spectator"].map((name) => {
      const category = categories.find((one) => one.name === name);
      const types = tickets.filter(({ categoryRef }) => categoryRef === category?.ref);
      return [category?.amount ?? 0, types.reduce((sum, { amount }) => sum + amount, 0)] as const;
    });
  const [was, is] = [rooms(before), rooms(after)];
  for (const [n, [capBefore, typesBefore]] of was.entries()) {
    const [cap = 0, types = 0] = is[n] ?? [];
    expect(cap >= capBefore * 1.05 && types >= typesBefore * 1.05).toBe(n < 2);
  }
  expect(after.maxAmount).toBeGreaterThan(before.maxAmount);
});

test("a presale sells through its shop only", async () => {
  await using vivenu = await playSmall(database.sql, { now: clock.now });
  const hamburg = await stored("HYROX Hamburg");
  const before = await countTickets(hamburg.id);
  await live(vivenu, 60, 5000);
  expect(await countTickets(hamburg.id)).toBeGreaterThan(before);
  const [direct] = await database.sql`
    select count(*)::int as count from vivenu.ticket
    where event_id = ${hamburg.id} and under_shop_id is null
      and created_at > ${new Date(clock.now().getTime() - 301_000)}
  `;
  expect(direct?.count).toBe(0);
});

test("time brings refunds, transfers and changed events as well", async () => {
  const said: string[] = [];
  const log = (line: string) => said.push(line);
  await using vivenu = await playSmall(database.sql, { now: clock.now, log });
  const madeAt = clock.now();
  const seen = async () => {
    const [row] = await database.sql`
      select count(*) filter (where status = 'INVALID')::int as invalid,
             count(*) filter (where origin = 'transfer' and created_at > ${madeAt})::int as given,
             (select count(*)::int from vivenu.event where updated_at > ${madeAt}) as changed
      from vivenu.ticket where updated_at > ${madeAt}
    `;
    return row?.invalid > 0 && row?.given > 0 && row?.changed > 0;
  };
  for (let step = 0; step < 100 && !(await seen()); step += 1) await live(vivenu, 20, 5000);
  expect(await seen()).toBe(true);
  expect(said.filter((line) => /changed|moved/.test(line))).not.toEqual([]);
});
