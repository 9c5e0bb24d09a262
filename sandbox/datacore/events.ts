import type postgres from "postgres";
import type { NamedEventType } from "./event-type-names.ts";
import type { DatacoreFaults } from "./faults.ts";
import { encodeCursor, type Range } from "./range.ts";

export interface PageQuery {
  eventTypes: NamedEventType[];
  timeBucket: string;
  range: Range;
  pageSize: number;
  order: "asc" | "desc";
  now: Date;
}

/** Chance has its way with pages that follow each other. */
type PageFaults = Pick<DatacoreFaults, "isPageEmpty" | "pageLength" | "isCursorDangling">;

interface EventRow {
  seq: string;
  eventTypeId: string;
  eventTs: string;
  eventRest: string;
  eventId: string;
  validTime: string;
  metadata: string;
  payload: string;
}

/**
 * One page as JSON text: payloads are passed on as they are stored, never parsed.
 * Probes: flowcore/event, flowcore/pages, flowcore/empty-hour, flowcore/newest-first.
 */
export async function readPage(
  sql: postgres.ISql,
  query: PageQuery,
  faults: PageFaults,
): Promise<string> {
  const { eventTypes, timeBucket, pageSize, order, range } = query;
  const isPaged = order === "asc";
  if (isPaged && !range.behindEmptyPage && faults.isPageEmpty()) {
    return `{"events":[],"nextCursor":"${encodeCursor(range.after, { emptyPage: true })}"}`;
  }
  const rows = await readRows(sql, query);
  const length = Math.min(rows.length, pageSize);
  const page = rows.slice(0, isPaged ? faults.pageLength(length) : length);
  const typeById = new Map(eventTypes.map((type) => [type.id, type]));
  const events = page.map((row) => eventText(row, typeById.get(row.eventTypeId), timeBucket));
  const last = page.at(-1);
  const more = isPaged && last && (rows.length > page.length || faults.isCursorDangling());
  const cursor = more ? `,"nextCursor":"${encodeCursor(placeOf(last))}"` : "";
  return `{"events":[${events.join(",")}]${cursor}}`;
}

/** Each type is read in order from the index, and the pages of all types are merged. Probe: flowcore/order. */
const readRows = (sql: postgres.ISql, query: PageQuery) => {
  const { eventTypes, timeBucket, pageSize, order, now } = query;
  const { after, upTo } = query.range;
  const place = sql`event_ts, event_rest, seq`;
  const inOrder = order === "asc" ? place : sql`event_ts desc, event_rest desc, seq desc`;
  return sql<EventRow[]>`
    select
      seq,
      event.event_type_id as "eventTypeId",
      event_ts            as "eventTs",
      event_rest          as "eventRest",
      event_id            as "eventId",
      valid_time          as "validTime",
      metadata::text      as "metadata",
      payload::text       as "payload"
    from unnest(${eventTypes.map(({ id }) => id)}::uuid[]) as wanted(event_type_id)
    cross join lateral (
      select * from datacore.event
      where event.event_type_id = wanted.event_type_id
        and time_bucket = ${timeBucket}
        and (${place}) > (${`${after.ts}`}::bigint, ${`${after.rest}`}::bigint, ${`${after.seq}`}::bigint)
        and (${place}) <= (${`${upTo.ts}`}::bigint, ${`${upTo.rest}`}::bigint, ${`${upTo.seq}`}::bigint)
        and visible_at <= ${now}
      order by ${inOrder}
      limit ${pageSize + 1}
    ) as event
    order by ${inOrder}
    limit ${pageSize + 1}
  `;
};

const placeOf = ({ eventTs, eventRest, seq }: EventRow) => ({
  ts: BigInt(eventTs),
  rest: BigInt(eventRest),
  seq: BigInt(seq),
});

function eventText(row: EventRow, type: NamedEventType | undefined, timeBucket: string) {
  const head = JSON.stringify({
    eventId: row.eventId,
    timeBucket,
    tenant: type?.tenant,
    dataCoreId: type?.dataCoreId,
    flowType: type?.flowType,
    eventType: type?.name,
    validTime: row.validTime,
  });
  return `${head.slice(0, -1)},"metadata":${row.metadata},"payload":${row.payload}}`;
}
