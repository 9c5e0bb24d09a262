import type { Sql } from "../../database/connect.ts";

const HOUR_MS = 3_600_000;
const STRETCH_MS = 300_000;
/** A day, and the stretch that it begins in. */
const KEPT_MS = 24 * HOUR_MS + STRETCH_MS;

export interface OutcomeCount {
  account: string | null;
  outcome: string;
  requests: number;
}

/** Adds to what other replicas counted in the same stretch. In their order, so that two never wait for each other. */
export async function addOutcomes(sql: Sql, counts: readonly OutcomeCount[], now: Date) {
  const at = new Date(Math.floor(now.getTime() / STRETCH_MS) * STRETCH_MS);
  const rows = counts.map(({ account, ...count }) => ({ account: account ?? "", ...count }));
  // One statement: what failed was not counted.
  await sql`
    with old as (
      delete from webhook_outcome where at < ${new Date(at.getTime() - KEPT_MS)}
    )
    insert into webhook_outcome (at, account, outcome, requests)
    select ${at}, account, outcome, requests
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as new (
      account text, outcome text, requests bigint
    )
    order by account, outcome
    on conflict (at, account, outcome) do update
      set requests = webhook_outcome.requests + excluded.requests
  `;
}

export interface OutcomesOfAccount {
  /** Null where nobody knows whose they were. */
  account: string | null;
  lastHour: Record<string, number>;
  lastDay: Record<string, number>;
  /** When the stretch began from which on none was taken and some were refused, within a day; else null. */
  refusedSince: Date | null;
}

const TAKEN = ["accepted", "repeated"];

/** By outcome, those that did not happen left out; a stretch counts as long as it has not been over for an hour or a day. */
export async function readOutcomes(sql: Sql, now: Date): Promise<OutcomesOfAccount[]> {
  const since = (ms: number) => new Date(now.getTime() - ms - STRETCH_MS);
  const rows = await sql<OutcomeRow[]>`
    with stretch as (
      select
        *, max(at) filter (where outcome = any(${TAKEN}::text[])) over (partition by account) as taken_at
      from webhook_outcome where at > ${since(24 * HOUR_MS)} and at <= ${now}
    )
    select
      account, outcome, sum(requests)::float8 as day,
      coalesce(sum(requests) filter (where at > ${since(HOUR_MS)}), 0)::float8 as hour,
      min(at) filter (where taken_at is null or at > taken_at) as since
    from stretch
    group by account, outcome order by account, outcome
  `;
  return [...Map.groupBy(rows, ({ account }) => account)].map(([account, found]) => ({
    account: account === "" ? null : account,
    lastHour: Object.fromEntries(
      found.flatMap(({ outcome, hour }) => (hour > 0 ? [[outcome, hour]] : [])),
    ),
    lastDay: Object.fromEntries(found.map(({ outcome, day }) => [outcome, day])),
    refusedSince: earliest(found.map((row) => row.since)),
  }));
}

interface OutcomeRow {
  account: string;
  outcome: string;
  hour: number;
  day: number;
  since: Date | null;
}

const earliest = (times: (Date | null)[]): Date | null =>
  times.reduce((first, time) => (time && (!first || time < first) ? time : first), null);
