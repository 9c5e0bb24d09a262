import type postgres from "postgres";
import { sortArrived } from "../../src/datacore/arrived-facts.ts";
import { projectionsFor } from "../../src/projections/derived/projections.ts";
import { readRows } from "../../src/projections/queries/rows.ts";
import { defaultPolicy } from "../../src/rules/capacity.ts";
import { freshDatabase, type TestDatabase } from "../support/database.ts";
import { until } from "../support/stage.ts";

const PAGE = 500;
const projections = projectionsFor({ policy: defaultPolicy });

type Stored = {
  eventId: string;
  eventType: string;
  payload: { idempotencyKey: string };
};

/** Everything that the datacore holds, as it holds it: a fact may be there many times. */
export const readLog = async (datacore: postgres.Sql): Promise<Stored[]> => [
  ...(await datacore<Stored[]>`
    select event_id as "eventId", event_type.name as "eventType", payload
    from datacore.event join datacore.event_type on event_type.id = event_type_id
    order by seq
  `),
];

/**
 * The books: what was accepted, what was sent, what the log holds and what rows were made of it. Every
 * entry must be found in the next book exactly once.
 */
export async function auditBooks({ sql }: TestDatabase, log: Stored[]): Promise<string[]> {
  const faults: string[] = [];
  const [rooms] = await sql<Record<string, number>[]>`
    select
      (select count(*) from inbox where translated_at is null and refused_at is null)::int as "deliveries not translated",
      (select count(*) from inbox where refused_at is not null)::int as "deliveries refused",
      (select count(*) from outbox where confirmed_at is null and refused_at is null)::int as "facts not confirmed",
      (select count(*) from outbox where refused_at is not null)::int as "facts refused",
      (select count(*) from set_aside)::int as "facts set aside"
  `;
  for (const [what, count] of Object.entries(rooms ?? {}))
    if (count > 0) faults.push(`${count} ${what}`);

  const sent = new Set(
    (await sql<{ key: string }[]>`select idempotency_key as key from outbox`).map(({ key }) => key),
  );
  const logged = new Map(log.map(({ payload, eventType }) => [payload.idempotencyKey, eventType]));
  for (const key of sent) if (!logged.has(key)) faults.push(`the log lacks ${key}`);
  for (const key of logged.keys()) if (!sent.has(key)) faults.push(`nobody sent ${key}`);

  const rows = await sql<{ key: string; times: number }[]>`
    select fact_key as key, count(*)::int as times from (
      select fact_key from event_version
      union all select fact_key from event_deletion
      union all select fact_key from event_count
      union all select fact_key from poll
    ) as made group by fact_key
  `;
  const made = new Map(rows.map(({ key, times }) => [key, times]));
  for (const key of logged.keys()) if (!made.has(key)) faults.push(`no row was made of ${key}`);
  for (const [key, times] of made) {
    if (!logged.has(key)) faults.push(`a row was made of ${key}, which the log lacks`);
    if (times !== 1) faults.push(`${times} rows were made of ${key}`);
  }
  const ids = new Set(log.map(({ eventId }) => eventId));
  const readApplied = () => sql<{ id: string }[]>`select fact_id as id from applied_fact`;
  // Nobody waits for the second copy of a fact that Flowcore stored twice: it is read a moment later.
  await until(async () => (await readApplied()).length >= ids.size, {
    withinMs: 20_000,
    what: "all that is in the log is read",
  }).catch(() => {});
  const applied = await readApplied();
  if (applied.length !== ids.size || applied.some(({ id }) => !ids.has(id)))
    faults.push(`${applied.length} facts are noted as applied, and the log has ${ids.size}`);
  return faults;
}

/** Rows made anew from the log, in an order of chance, against the rows that are there. */
export async function compareRebuilt(
  own: TestDatabase,
  log: Stored[],
  random: () => number,
): Promise<string[]> {
  await using fresh = await freshDatabase();
  const { facts, unreadable } = sortArrived(log, "");
  if (unreadable.length > 0) return [`${unreadable.length} facts of the log cannot be read`];
  const shuffled = facts
    .map((fact) => ({ fact, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ fact }) => fact);
  for (let at = 0; at < shuffled.length; at += PAGE)
    await fresh.sql.begin(async (tx) => {
      for (const { apply } of projections) await apply(tx, shuffled.slice(at, at + PAGE));
    });
  const options = { now: new Date(), policy: defaultPolicy };
  const [live, rebuilt] = await Promise.all([
    readRows(own.sql, options),
    readRows(fresh.sql, options),
  ]);
  return JSON.stringify(live) === JSON.stringify(rebuilt)
    ? []
    : ["rows made anew from the log are not the rows that live made"];
}

/** What log and service say of an event whose row is wrong, as it was recorded: enough to find out why. */
export async function historyOf({ sql }: TestDatabase, log: Stored[], eventId: string) {
  const told = log.flatMap(({ eventType, payload }) => {
    // The cast: what is shown is whatever a fact says.
    const fact = payload as Record<string, unknown>;
    const { source, updatedAt, observedAt, currency, idempotencyKey } = fact;
    if (fact.eventId !== eventId || !eventType.startsWith("event.")) return [];
    return `${eventType} ${source} ${updatedAt ?? "-"} ${observedAt} ${currency} ${idempotencyKey}`;
  });
  const seen = await sql`
    select version_at, observed_at, deleted_at, recorded, description ->> 'currency' as currency
    from event_seen where event_id = ${eventId}
  `;
  const named = await sql`select currencies from event_currency where event_id = ${eventId}`;
  return [
    `event ${eventId}: seen ${JSON.stringify(seen)}, its tickets name ${JSON.stringify(named)}`,
    ...new Set(told),
  ];
}
