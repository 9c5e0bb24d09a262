import { expect, test } from "bun:test";
import { EVENT_ID, eventOf, MEN, MINUTE, NOON } from "../../../test/support/intake.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { Pool, Sql } from "../../database/connect.ts";
import type { PageContent } from "../../vivenu/ticket-page.ts";
import { Ticket } from "../../vivenu/wire.ts";
import { applyChanges } from "../counting/apply-changes.ts";
import { applyFullReading, countKept } from "../counting/incremental-count.ts";
import { recordDeletion, recordEvent } from "../events/record-event.ts";
import { lockEvent, lockTickets } from "./locks.ts";

const OTHER_EVENT = "68f0000000000000000000a2";
const ORDER = ["event", "tickets", "count"];

/** Of each transaction from now on, the names of the locks that it asks for, in that order. */
function watchLocks(sql: Pool) {
  const taken: string[][] = [];
  const running = new Map<number, string[]>();
  sql.options.debug = (connection, query, parameters) => {
    if (/^begin\b/.test(query)) {
      const names: string[] = [];
      running.set(connection, names);
      taken.push(names);
    }
    if (!query.includes("pg_advisory_xact_lock(")) return;
    const names = JSON.stringify(parameters).match(/(event|tickets|count|budget) [\w ]+/g) ?? [];
    running.get(connection)?.push(...names);
  };
  return taken;
}

const rankOf = (lock: string) => ORDER.indexOf(lock.split(" ", 1)[0] ?? "");

/** Those that ask for a lock behind a later one, or for one account's tickets behind a later account's. */
const outOfOrder = (taken: readonly string[][]) =>
  taken.filter((locks) => {
    const inOrder = [...new Set(locks)].sort((a, b) => {
      const isByName = rankOf(a) === rankOf(b) && a.startsWith("tickets");
      return isByName ? (a < b ? -1 : 1) : rankOf(a) - rankOf(b);
    });
    return [...new Set(locks)].join() !== inOrder.join();
  });

const at = (minutes: number) => new Date(NOON.getTime() + minutes * MINUTE);

const ticketOf = (eventId: string, n: number, changedAt: Date) =>
  Ticket.parse({
    _id: `68f0000000000000000009${String(n).padStart(2, "0")}`,
    eventId,
    ticketTypeId: MEN,
    status: "VALID",
    createdAt: NOON.toISOString(),
    updatedAt: changedAt.toISOString(),
  });

const described = (tx: Sql, account: string, _id: string) =>
  recordEvent(tx, { account, source: "poll", event: eventOf({ _id }), observedAt: NOON });

const changed = (tx: Sql, account: string, tickets: PageContent["tickets"], until: Date) =>
  applyChanges(tx, account, { tickets, malformed: [], until, excludes: () => false });

async function counted(tx: Sql, account: string, eventId: string, tickets: Ticket[], until: Date) {
  await applyFullReading(tx, { account, eventId, until, tickets, malformed: [] });
  await countKept(tx, { account, eventId, at: until, isFull: true });
}

test("whoever takes several locks of intake takes them in one order: event, tickets by account, count", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const taken = watchLocks(sql);
  try {
    await sql.begin((tx) => described(tx, "DACH", EVENT_ID));
    await sql.begin((tx) => described(tx, "BENELUX", OTHER_EVENT));
    const mine = [1, 2].map((n) => ticketOf(EVENT_ID, n, at(1)));
    await sql.begin((tx) => counted(tx, "DACH", EVENT_ID, mine, at(2)));
    await sql.begin((tx) => counted(tx, "BENELUX", OTHER_EVENT, [], at(2)));
    // Tickets that move: each account finds some that the other one keeps.
    const moved = [ticketOf(OTHER_EVENT, 1, at(3))];
    await sql.begin((tx) => changed(tx, "BENELUX", moved, at(4)));
    const movedBack = [ticketOf(EVENT_ID, 1, at(5)), ticketOf(EVENT_ID, 2, at(5))];
    await sql.begin((tx) => changed(tx, "DACH", movedBack, at(6)));
    await sql.begin((tx) => counted(tx, "BENELUX", OTHER_EVENT, moved, at(7)));
    await sql.begin((tx) =>
      recordDeletion(tx, {
        account: "DACH",
        source: "poll",
        eventId: EVENT_ID,
        name: null,
        observedAt: at(8),
      }),
    );
    // It tells an order that is not: else it would prove nothing.
    await sql.begin(async (tx) => {
      await lockTickets(tx, "DACH");
      await lockEvent(tx, "DACH", EVENT_ID);
    });
  } finally {
    sql.options.debug = false;
  }
  const wrong = taken.pop() ?? [];
  expect(outOfOrder([wrong])).toEqual([[`tickets DACH`, `event DACH ${EVENT_ID}`]]);
  expect(outOfOrder(taken)).toEqual([]);
  expect(taken).toContainEqual([`event DACH ${EVENT_ID}`, "tickets DACH"]);
  const both = taken.filter((locks) =>
    ["tickets BENELUX", "tickets DACH"].every((one) => locks.includes(one)),
  );
  expect(both.length).toBeGreaterThanOrEqual(2);
  expect(taken.some((locks) => new Set(locks.map(rankOf)).size === 2)).toBe(true);
  expect(taken.flat()).toContain(`count ${EVENT_ID}`);
});
