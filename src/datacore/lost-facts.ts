/**
 * Facts that the log took and that its reader, who has read to the end since, did not find: the log lost them, or
 * shows them late. The tries of each have growing pauses of up to an hour. So that the end of it is known within a
 * minute, one of them asks for all now and then; when it is read back the others are sent, ever more at one time.
 */
import { contracts } from "../contracts/index.ts";
import type { Sql } from "../database/connect.ts";
import { agoMs, type Clock } from "../lib/clock.ts";

/** Flowcore shows most facts within seconds, and some later. */
const LOST_MS = 20_000;
/** So much later than what it showed late are those that it does not show. */
const LATER = 2;
const LATENESS_HOLDS_MS = 10 * 60_000;
/** Whose last reading is older says nothing of when the log showed what it finds next. */
const READING_MS = 10_000;
/** Whose last reading is older says nothing of what it would have found. */
const CURRENT_MS = 60_000;
const PROBE_MS = 10_000;
const LOOK_MS = 2_000;
const GROWS = 10;
const MOST = 400;

const KNOWN = Object.keys(contracts);

export interface Lost {
  facts: number;
  /** When the oldest of them was enqueued. */
  since: Date;
}

export interface LostFactsOptions {
  sql: Sql;
  clock: Clock;
  write: (work: (tx: Sql) => Promise<unknown>) => Promise<unknown>;
  /** When each flow type was last read to its end. */
  readTimes: () => Promise<ReadonlyMap<string, Date>>;
  /** Told what is lost, while anything is, and by undefined that nothing is any more. */
  onLost: (lost: Lost | undefined) => void;
}

interface Read {
  flowType: string;
  until: number;
}

interface Wave {
  ids: string[];
  sentAt: number;
}

/** Lets lost facts be due; whoever sends what is due sends them. `held` are flow types that nobody reads on purpose. */
export function lostFacts({ sql, clock, write, readTimes, onLost }: LostFactsOptions) {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let wave: Wave | undefined;
  let isTold = false;
  /** As long as all is read, what is read back tells how late the log shows facts. */
  let wasReading = false;
  let late = { ms: 0, at: Number.NEGATIVE_INFINITY };

  return async function look(held: readonly string[]): Promise<void> {
    const now = clock.now();
    if (agoMs(lookedAt, now.getTime()) < LOOK_MS) return;
    const read = await readUntil(held, now);
    await noteLateness(read, now);
    lookedAt = now.getTime();
    const lost = await readLost(read, now);
    if (lost.ids.length === 0) {
      if (isTold) onLost(undefined);
      isTold = false;
      return;
    }
    onLost({ facts: lost.facts, since: lost.since });
    isTold = true;
    const size = await sizeOfNext(now.getTime());
    if (size === 0) return;
    wave = { ids: lost.ids.slice(0, size), sentAt: now.getTime() };
    const { ids } = wave;
    await write(
      (tx) => tx`
        update outbox set next_attempt_at = ${now}
        where outbox_id = any(${ids}::bigint[]) and confirmed_at is null and refused_at is null
      `,
    );
  };

  /** The flow types that are read, with when they were last read to their end. */
  async function readUntil(held: readonly string[], now: Date): Promise<Read[]> {
    const times = [...(await readTimes())].filter(([flowType]) => !held.includes(flowType));
    return times.flatMap(([flowType, at]) => {
      const until = Math.min(at.getTime(), now.getTime());
      return agoMs(until, now.getTime()) <= CURRENT_MS ? { flowType, until } : [];
    });
  }

  /** A log that shows everything a minute late loses nothing, and to send it all twice would not help it. */
  async function noteLateness(read: readonly Read[], now: Date) {
    if (wasReading) {
      const [row] = await sql<{ ms: number | null }[]>`
        select max(extract(epoch from confirmed_at - sent_at) * 1000)::float8 as ms from outbox
        where confirmed_at > ${new Date(lookedAt)} and attempts = 1
      `;
      const ms = row?.ms ?? 0;
      const isOver = agoMs(late.at, now.getTime()) > LATENESS_HOLDS_MS;
      if (ms > LOST_MS && (isOver || ms >= late.ms / LATER)) late = { ms, at: now.getTime() };
    }
    wasReading =
      read.length > 0 && read.every(({ until }) => agoMs(until, now.getTime()) <= READING_MS);
  }

  async function readLost(read: readonly Read[], now: Date) {
    const isLate = agoMs(late.at, now.getTime()) <= LATENESS_HOLDS_MS;
    const lostMs = isLate ? Math.max(LOST_MS, late.ms * LATER) : LOST_MS;
    const before = read.map(({ until }) => new Date(until - lostMs).toISOString());
    const rows = await sql<{ outboxId: string; facts: number; since: Date }[]>`
      select
        outbox_id, count(*) over ()::int as facts, min(recorded_at) over () as since
      from outbox
      join unnest(
        ${read.map(({ flowType }) => flowType)}::text[], ${before}::timestamptz[]
      ) as reader (flow_type, found_before) using (flow_type)
      where confirmed_at is null and refused_at is null and event_type = any(${KNOWN}::text[])
        and sent_at is not null
        -- One that is sent once more for it stays lost until it is read.
        and (attempts > 1 or sent_at < found_before)
      order by attempts, outbox_id
      limit ${MOST}
    `;
    const [{ facts, since } = { facts: 0, since: now }] = rows;
    return { ids: rows.map(({ outboxId }) => outboxId), facts, since };
  }

  /** 0 while the last ones may still be read back. */
  async function sizeOfNext(now: number) {
    if (wave === undefined || agoMs(wave.sentAt, now) > CURRENT_MS) return 1;
    const [left] = await sql<{ facts: number }[]>`
      select count(*)::int as facts from outbox
      where outbox_id = any(${wave.ids}::bigint[]) and confirmed_at is null and refused_at is null
    `;
    if (left?.facts === 0) return Math.min(wave.ids.length * GROWS, MOST);
    return agoMs(wave.sentAt, now) < PROBE_MS ? 0 : 1;
  }
}
