import type postgres from "postgres";
import type { NamedEventType } from "./event-type-names.ts";

export interface BucketQuery {
  eventTypes: NamedEventType[];
  fromTimeBucket?: string | undefined;
  toTimeBucket?: string | undefined;
  /** The last bucket of the page before, as a number: buckets that come later do not shift a page. */
  cursor?: number | undefined;
  pageSize: number;
  order: "asc" | "desc";
  /** Without the buckets that came later. */
  asOf?: Date | undefined;
}

export interface BucketPage {
  timeBuckets: string[];
  nextCursor?: number;
}

const EARLIEST = "0";
const LATEST = "99999999999999";

// Probes: flowcore/hours, flowcore/hours-in-pages, flowcore/hours-between, flowcore/event-type-info-empty.
export async function readTimeBuckets(sql: postgres.ISql, query: BucketQuery): Promise<BucketPage> {
  const { eventTypes, fromTimeBucket, toTimeBucket, cursor, pageSize, order, asOf } = query;
  const beyond =
    order === "asc"
      ? sql`time_bucket > ${`${cursor ?? EARLIEST}`}`
      : sql`time_bucket < ${`${cursor ?? LATEST}`}`;
  const rows = await sql<{ timeBucket: string }[]>`
    select distinct time_bucket as "timeBucket"
    from datacore.time_bucket
    where event_type_id = any(${eventTypes.map(({ id }) => id)}::uuid[])
      and time_bucket >= ${fromTimeBucket ?? EARLIEST}
      and time_bucket <= ${toTimeBucket ?? LATEST}
      and ${beyond}
      ${asOf ? sql`and first_at <= ${asOf}` : sql``}
    order by time_bucket ${order === "asc" ? sql`` : sql`desc`}
    limit ${pageSize + 1}
  `;
  const timeBuckets = rows.slice(0, pageSize).map(({ timeBucket }) => timeBucket);
  return {
    timeBuckets,
    ...(rows.length > pageSize && { nextCursor: Number(timeBuckets.at(-1)) }),
  };
}
