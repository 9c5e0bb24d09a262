import type { Sql } from "../../database/connect.ts";

/*
 * The locks of intake, each held to the end of its transaction. Who takes several takes them in this
 * order, so that two transactions never wait for each other: the event, its account's tickets (of
 * several accounts in the order of their names), its count. The budget's is taken alone.
 *
 * Each is sent when it is called: a query that is only awaited is sent by whoever awaits it, and what is
 * read in the same round trip would be read before it, and be old by the time that the lock is there.
 */

/** While a description or a deletion is recorded. */
export const lockEvent = (tx: Sql, account: string, eventId: string) =>
  lockEvents(tx, [{ account, eventId }]);

/** In one order everywhere, so that two that lock several events never wait for each other. */
export const lockEvents = (tx: Sql, events: readonly { account: string; eventId: string }[]) =>
  tx`
  select pg_advisory_xact_lock(lock)
  from (
    select distinct hashtextextended(name, 0) as lock
    from unnest(${events.map(({ account, eventId }) => `event ${account} ${eventId}`)}::text[]) as name
    order by 1
    offset 0
  ) as of_events
`.execute();

/** While an account's tickets are taken over, counted or forgotten: one at a time touches them. */
export const lockTickets = (tx: Sql, account: string) => lock(tx, `tickets ${account}`);

/** While a count is compared with the last one, and recorded. */
export const lockCount = (tx: Sql, eventId: string) => lock(tx, `count ${eventId}`);

/** While one request is taken from an account's budget. */
export const lockBudget = (tx: Sql, account: string) => lock(tx, `budget ${account}`);

const lock = (tx: Sql, name: string) =>
  tx`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute();
