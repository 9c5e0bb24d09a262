import type { Pool, Sql } from "../../database/connect.ts";
import { ONE_SNAPSHOT } from "../../database/transaction.ts";
import { isSaleOpen } from "../../rules/event-status.ts";
import { standingAt } from "../../rules/standings.ts";
import { eventAt, ticketTypeAt } from "../tables/made-rows.ts";
import type { ShownEvent, ShownType } from "../tables/made-shown.ts";
import type { EventRow, TicketTypeRow } from "./row-types.ts";
import { type Rows, type RowsOptions, readRows } from "./rows.ts";
import { unplacedIn } from "./unplaced.ts";

export type ChangedRowsOptions = Omit<RowsOptions, "eventId" | "eventIds" | "now">;

export interface ChangedRows extends Rows {
  /** Of how many events anything was read. */
  read: number;
}

/** Ticket types are read so many at a time. */
const CHUNK = 1_000;

interface Known {
  event: ShownEvent;
  types: ShownType[];
  /** The ticket types as they read while the sale is so, until that turns. */
  shown?: { isOpen: boolean; ticketTypes: readonly TicketTypeRow[] };
}

/** How far a reader knows the rows. */
interface Progress {
  /** Tells the table that was read from one that took its place. */
  table: string;
  /** What older transactions wrote was there to be read, in whatever order they were committed. */
  oldestRunning: string;
}

interface Snapshot extends Progress {
  /** That have rows. */
  events: number;
}

/**
 * All rows, for whoever reads them again and again: at the first time everything, later what was written
 * since, and what the clock turned.
 */
export function changedRowsReader(sql: Pool, options: ChangedRowsOptions) {
  let progress: Progress | undefined;
  let known = new Map<string, Known>();
  let last: Promise<unknown> = Promise.resolve();

  return function readInTurn(now: Date): Promise<ChangedRows> {
    const mine = last.then(() => readChanged(now));
    last = mine.catch(() => {});
    return mine;
  };

  async function readChanged(now: Date): Promise<ChangedRows> {
    const found = await readWritten(sql, progress);
    if (found.isAll) known = new Map();
    for (const [eventId, one] of found.written) known.set(eventId, one);
    for (const eventId of found.unmade) known.delete(eventId);
    progress = found.snapshot;
    if (known.size !== found.snapshot.events) {
      // Nothing of ours forgets an event without a word; what somebody else did is read anew.
      progress = undefined;
      if (!found.isAll) return readChanged(now);
    }
    const made =
      found.unmade.length === 0
        ? { events: [], ticketTypes: [] }
        : await readRows(sql, { ...options, now, eventIds: found.unmade });
    return { ...rowsAt(known, made, now), read: found.written.size };
  }
}

/** What was written since `reading` began, or everything. */
async function readWritten(sql: Pool, progress: Progress | undefined) {
  return sql.begin(ONE_SNAPSHOT, async (tx) => {
    // Before the snapshot is taken: a replay that swaps is waited for, and the next one waits.
    await tx`lock table event_shown, ticket_type_shown in access share mode`;
    const snapshot = await readSnapshot(tx);
    const isAll =
      progress?.table !== snapshot.table ||
      BigInt(snapshot.oldestRunning) < BigInt(progress.oldestRunning);
    const since = isAll ? tx`` : tx`where age(xmin) <= age(${progress.oldestRunning}::xid8::xid)`;
    const events = await tx<{ eventId: string; document: ShownEvent | null }[]>`
      select event_id, document from event_shown ${since}
    `;
    const written = new Map<string, Known>();
    for (const { eventId, document } of events)
      if (document) written.set(eventId, { event: document, types: [] });
    if (written.size > 0) {
      const only = isAll ? tx`` : tx`where event_id = any(${[...written.keys()]}::text[])`;
      const types = tx<{ eventId: string; document: ShownType }[]>`
        select event_id, document from ticket_type_shown ${only} order by event_id, place
      `.cursor(CHUNK);
      for await (const chunk of types)
        for (const [eventId, some] of Map.groupBy(chunk, (type) => type.eventId)) {
          const one = written.get(eventId);
          one?.types.push(...some.map(sharingTexts(one.event.row)));
        }
    }
    const unmade = await tx<{ eventId: string }[]>`
      select event_id from event_shown where document is null union ${unplacedIn(tx)} order by 1
    `;
    return { snapshot, isAll, written, unmade: unmade.map(({ eventId }) => eventId) };
  });
}

async function readSnapshot(tx: Sql): Promise<Snapshot> {
  const [snapshot] = await tx<Snapshot[]>`
    select
      'event_shown'::regclass::oid::text as table,
      pg_snapshot_xmin(pg_current_snapshot())::text as oldest_running,
      (select count(*)::int from event_shown where document is not null) as events
  `;
  if (!snapshot) throw new Error("PostgreSQL answered nothing");
  return snapshot;
}

/** What all ticket types of an event say alike is kept once: there may be a hundred thousand of them. */
const sharingTexts =
  ({ eventId, eventName, region, timezone, eventDate, currency }: EventRow) =>
  ({ document: { row, toBuyWhenShut } }: { document: ShownType }): ShownType => ({
    toBuyWhenShut,
    row: { ...row, eventId, eventName, region, timezone, eventDate, currency },
  });

function rowsAt(known: ReadonlyMap<string, Known>, made: Rows, now: Date): Rows {
  const typesMade = Map.groupBy(made.ticketTypes, ({ eventId }) => eventId);
  const all = [
    ...made.events.map((event) => ({ event, ticketTypes: typesMade.get(event.eventId) ?? [] })),
    ...[...known.values()].map((one) => {
      const standing = standingAt(one.event.standings, now);
      const isOpen = isSaleOpen(standing);
      if (one.shown?.isOpen !== isOpen) {
        const ticketTypes = one.types.map((type) => ticketTypeAt(type, standing));
        one.shown = { isOpen, ticketTypes };
      }
      return { event: eventAt(one.event, standing), ticketTypes: one.shown.ticketTypes };
    }),
  ].sort((a, b) => compare(a.event, b.event));
  return {
    events: all.map(({ event }) => event),
    ticketTypes: all.flatMap(({ ticketTypes }) => ticketTypes),
    ...(made.unshown && { unshown: made.unshown }),
  };
}

/** ISO instants of one form are in the order of their texts. */
const compare = (a: EventRow, b: EventRow) =>
  a.eventDate === b.eventDate
    ? a.eventId < b.eventId
      ? -1
      : 1
    : a.eventDate < b.eventDate
      ? -1
      : 1;
