import { contracts, type EventType, type NewFact } from "../contracts/index.ts";
import type { Pool, Sql } from "../database/connect.ts";
import { Failure } from "../lib/failure.ts";
import { currentTraceparent } from "../lib/tracing.ts";
import { reasonOf } from "./reason.ts";
import { unstorableIn } from "./storable.ts";

/** Flowcore refuses a payload above 64,000 bytes; the rest is kept free for what it may add. */
export const MAX_FACT_BYTES = 60_000;

export const OUTBOX_CHANNEL = "outbox";

const KNOWN = Object.keys(contracts);

export interface WaitingFact {
  outboxId: string;
  fact: NewFact;
  /** Tries since Flowcore first took it, or of all there were while it never did. */
  attempts: number;
  /** Flowcore took it before, and nobody read it back. */
  wasSent: boolean;
  /** How often sending it failed as nobody foresaw. */
  failures: number;
  firstFailedAt: Date | null;
  /** Of the payload as text. */
  bytes: number;
  /** Of the span in which it was enqueued. */
  traceparent: string | null;
}

/**
 * Enqueues facts for the log, in the caller's transaction. A fact whose key was enqueued before changes
 * nothing. Throws `malformed` for one that breaks its contract or is too large, and enqueues none.
 */
export async function enqueue(sql: Sql, facts: NewFact[], at: Date): Promise<void> {
  if (facts.length > 0) await enqueueRows(sql, outboxRows(facts, at));
}

/** A fact that may be enqueued, as JSON of its row. */
export type OutboxRow = string;

/** Of facts that were learned at `at`, in the span that is under way. Throws as `enqueue` does. */
export function outboxRows(facts: readonly NewFact[], at: Date): OutboxRow[] {
  const traceparent = currentTraceparent() ?? null;
  return facts.map(({ eventType, payload }) => {
    const { idempotencyKey, json } = check(eventType, payload);
    const { flowType } = contracts[eventType];
    const row = {
      idempotency_key: idempotencyKey,
      flow_type: flowType,
      event_type: eventType,
      recorded_at: at,
      traceparent,
    };
    // The payload is text already, and is not written twice.
    return `${JSON.stringify(row).slice(0, -1)},"payload":${json}}`;
  });
}

/** Enqueues facts of one or of several who enqueue at one time, in the caller's transaction. */
export const enqueueRows = (sql: Sql, rows: readonly OutboxRow[]) => sql`
  with kept as (
    insert into outbox
      (idempotency_key, flow_type, event_type, payload, recorded_at, next_attempt_at, traceparent)
    select
      idempotency_key, flow_type, event_type, payload, recorded_at,
      -- The relay may be another replica, whose clock is behind: a new fact is due at once.
      least(recorded_at, now()), traceparent
    from jsonb_to_recordset(${`[${rows.join()}]`}::text::jsonb) as new (
      idempotency_key text, flow_type text, event_type text, payload jsonb,
      recorded_at timestamptz, traceparent text
    )
    on conflict (idempotency_key) do nothing
  )
  select pg_notify(${OUTBOX_CHANNEL}, '')
`;

function check(eventType: EventType, payload: unknown) {
  const { success, data, error } = contracts[eventType].payload.safeParse(payload);
  if (!success)
    throw new Failure("malformed", `a fact breaks its contract: ${reasonOf(error)}`, { eventType });
  const json = JSON.stringify(data);
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_FACT_BYTES)
    throw new Failure("malformed", `a fact of ${bytes} bytes is too large`, { eventType, bytes });
  if (UNSTORABLE.test(json))
    throw new Failure("malformed", "a fact holds text that PostgreSQL cannot store", {
      eventType,
    });
  const unstorable = unstorableIn(contracts[eventType].payload, data);
  if (unstorable !== undefined)
    throw new Failure("malformed", `a fact holds what cannot be kept: ${unstorable}`, {
      eventType,
    });
  return { idempotencyKey: data.idempotencyKey, json };
}

/** NUL and half a character, as JSON writes them; an even number of backslashes before is text. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

interface WaitingRow extends Omit<WaitingFact, "fact"> {
  eventType: EventType;
  payload: unknown;
}

/**
 * The facts that are due, oldest first, of the event types that this program knows: those that a newer one
 * enqueued before a way back wait for it. Only the relay calls this, and there is one of it.
 */
export async function readDue(
  sql: Sql,
  at: Date,
  limit: number,
  without: EventType[] = [],
  /** Flow types that nobody reads on purpose: what was sent of them cannot be read back meanwhile. */
  held: readonly string[] = [],
): Promise<WaitingFact[]> {
  const rows = await sql<WaitingRow[]>`
    select ${waitingColumns(sql)}
    from outbox
    where confirmed_at is null and refused_at is null and next_attempt_at <= ${at}
      and event_type = any(${KNOWN}::text[]) and event_type <> all(${without}::text[])
      and not (sent_at is not null and flow_type = any(${[...held]}::text[]))
    order by next_attempt_at, outbox_id
    limit ${limit}
  `;
  return rows.map(waitingFact);
}

/**
 * One of those that the datacore does not have yet, of this event type or of any, due or not; the least
 * tried, so that none is stuck to.
 */
export async function readProbe(
  sql: Sql,
  at: Date,
  eventType?: EventType,
): Promise<WaitingFact | undefined> {
  const rows = await sql<WaitingRow[]>`
    select ${waitingColumns(sql)}
    from outbox
    where confirmed_at is null and refused_at is null
      and (next_attempt_at <= ${at} or (sent_at is null and failures = 0))
      and event_type = any(${eventType ? [eventType] : KNOWN}::text[])
    order by attempts, outbox_id
    limit 1
  `;
  return rows.map(waitingFact)[0];
}

/** What waited for the datacore, or for this event type, to be there again is due now. */
export const releasePostponed = (sql: Sql, at: Date, eventType?: EventType) => sql`
  update outbox
  set next_attempt_at = ${at}
  where confirmed_at is null and refused_at is null
    and sent_at is null and failures = 0 and next_attempt_at > ${at}
    ${eventType ? sql`and event_type = ${eventType}` : sql``}
`;

const waitingColumns = (sql: Sql) => sql`
  outbox_id, event_type, payload, attempts, sent_at is not null as was_sent, failures,
  first_failed_at, octet_length(payload::text) as bytes, traceparent
`;

const waitingFact = ({ eventType, payload, ...row }: WaitingRow): WaitingFact => ({
  ...row,
  // The cast: `enqueue` checked the payload against the contract of this event type.
  fact: { eventType, payload } as NewFact,
});

export interface NextTry {
  outboxId: string;
  nextAttemptAt: Date;
}

/** The tries of an outage before do not count: they say nothing of how often Flowcore lost the fact. */
export const markSent = (sql: Sql, sent: readonly NextTry[], sentAt: Date) => sql`
  update outbox
  set
    sent_at = ${sentAt},
    attempts = case when sent_at is null then 1 else attempts + 1 end,
    next_attempt_at = next.at,
    failures = 0,
    first_failed_at = null
  from ${nextTries(sql, sent)}
  where outbox.outbox_id = next.outbox_id
`;

export const postpone = (sql: Sql, tries: readonly NextTry[], reason: string) => sql`
  update outbox
  set attempts = attempts + 1, next_attempt_at = next.at, reason = ${reason}
  from ${nextTries(sql, tries)}
  where outbox.outbox_id = next.outbox_id
`;

const nextTries = (sql: Sql, tries: readonly NextTry[]) => sql`
  unnest(
    ${tries.map(({ outboxId }) => outboxId)}::bigint[],
    ${tries.map(({ nextAttemptAt }) => nextAttemptAt.toISOString())}::timestamptz[]
  ) as next (outbox_id, at)
`;

/** Sending it failed as nobody foresaw: it is tried a few times more, and stands in nobody's way. */
export const postponeFailing = (
  sql: Sql,
  { outboxId, at, nextAt, reason }: { outboxId: string; at: Date; nextAt: Date; reason: string },
) => sql`
  update outbox
  set
    failures = failures + 1, first_failed_at = coalesce(first_failed_at, ${at}),
    next_attempt_at = ${nextAt}, reason = ${reason}
  where outbox_id = ${outboxId}
`;

/** Whether Flowcore took any fact since. */
export async function anySentSince(sql: Sql, since: Date): Promise<boolean> {
  const rows = await sql`select from outbox where sent_at > ${since} limit 1`;
  return rows.length > 0;
}

/** A dead letter: kept with its reason until a person has looked. */
export const refuse = (sql: Sql, outboxId: string, refusedAt: Date, reason: string) => sql`
  update outbox
  set attempts = attempts + 1, refused_at = ${refusedAt}, reason = ${reason}
  where outbox_id = ${outboxId}
`;

/** The consumer read these facts back, whether it applied or dead-lettered them: they have arrived. */
export const confirm = (sql: Sql, keys: string[], at: Date) => sql`
  update outbox
  set confirmed_at = ${at}
  where idempotency_key = any(${keys}::text[]) and confirmed_at is null
`;

/** Nobody could read them back so far; they are sent again if nobody has by then. */
export const deferSent = (sql: Sql, flowTypes: readonly string[], until: Date) => sql`
  update outbox
  set next_attempt_at = ${until}
  where flow_type = any(${[...flowTypes]}::text[]) and sent_at is not null
    and confirmed_at is null and refused_at is null and next_attempt_at < ${until}
`;

/** Returns how many rows were deleted; their keys no longer dedupe anything. */
export async function deleteConfirmedBefore(sql: Sql, before: Date): Promise<number> {
  const deleted = await sql`delete from outbox where confirmed_at < ${before}`;
  return deleted.count;
}

export interface OutboxState {
  waiting: number;
  oldestWaitingAt: Date | null;
  /** Of those that wait: they failed as nobody foresaw, and are tried again. */
  failing: number;
  /** Dead letters that nobody has dropped. */
  refused: number;
}

/** What was sent of a flow type that is held waits on purpose, and is not the oldest. */
export async function readOutboxState(
  sql: Pool,
  held: readonly string[] = [],
): Promise<OutboxState> {
  const [state] = await sql<OutboxState[]>`
    select
      count(*) filter (where refused_at is null)::int as waiting,
      min(recorded_at) filter (
        where refused_at is null
          and not (sent_at is not null and flow_type = any(${[...held]}::text[]))
      ) as oldest_waiting_at,
      count(*) filter (where refused_at is null and failures > 0)::int as failing,
      count(*) filter (where refused_at is not null and dropped_at is null)::int as refused
    from outbox
    where confirmed_at is null
  `;
  return state ?? { waiting: 0, oldestWaitingAt: null, failing: 0, refused: 0 };
}
