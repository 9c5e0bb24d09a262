import type { EventUpdated, TicketType, UnderShop } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import type { CountForCapacity } from "../../rules/capacity.ts";

export type Head = Pick<
  EventUpdated,
  | "account"
  | "name"
  | "eventType"
  | "childEventIds"
  | "timezone"
  | "end"
  | "sellStart"
  | "sellEnd"
  | "maxAmount"
  | "categories"
  | "ticketTypeIds"
  | "underShopIds"
>;

/** What became otherwise of an event at one moment, each list in the order of its facts. */
export interface Step {
  at: Date;
  heads: Head[];
  types: TicketType[];
  shops: UnderShop[];
  counts: CountForCapacity[];
  /** A count of all ticket types at this moment is there in all its parts. */
  isCounted: boolean;
  source: string;
}

/** By what it is known whether an event's past is still what it was when it was read. */
export interface Tally {
  eventId: string;
  /** How many counts, complete or not. */
  counts: number;
  /** Of the descriptions. */
  digest: string;
}

/** Of all events that were described, or of one. */
export const readTallies = (sql: Sql, eventId?: string): Promise<Tally[]> => sql<Tally[]>`
  select v.event_id, v.digest, coalesce(h.counts, 0) as counts
  from (
    select
      event_id,
      sum(hashtextextended(
        fact_key || ' ' || source, (extract(epoch from observed_at) * 1000)::bigint
      ))::text
        -- Rows that were rebuilt are another table's, and nothing that is remembered holds.
        || ' ' || min(tableoid::bigint) as digest
    from event_version
    ${eventId === undefined ? sql`` : sql`where event_id = ${eventId}`}
    group by event_id
  ) v
  left join count_history h using (event_id)
  order by v.event_id
`;

/** An event's past, or of its counts those after a moment, with how many counts were read. */
export async function readPast(sql: Sql, eventId: string, after?: Date) {
  const later = after === undefined ? sql`` : sql`and counted_at > ${after}`;
  const [moments, counts, versions] = await Promise.all([
    sql<MomentColumns[]>`
      select
        counted_at as at, count(*)::int as counts, min(source) as source,
        coalesce(
          count(distinct part_number) filter (where complete and whole)
            >= max(part_of) filter (where complete and whole),
          false
        ) as is_counted
      from event_count where event_id = ${eventId} ${later}
      group by counted_at
      order by counted_at
    `,
    sql<(CountForCapacity & { at: Date })[]>`
      select
        ticket_type_id, counted_at as at, sold, sold_under_shop, sold_by_under_shop, reserved
      from ticket_type_count where event_id = ${eventId} ${later}
      order by counted_at, fact_key, ticket_type_id
    `,
    after === undefined ? readVersions(sql, eventId) : noVersions,
  ]);
  const steps = new Map<number, Step>();
  const stepAt = (at: Date) => {
    const step = steps.get(at.getTime()) ?? emptyStep(at);
    steps.set(at.getTime(), step);
    return step;
  };
  for (const { at, content } of versions.heads) stepAt(at).heads.push(content);
  for (const { at, content } of versions.types) stepAt(at).types.push(content);
  for (const { at, content } of versions.shops) stepAt(at).shops.push(content);
  for (const { at, source } of versions.sources) {
    const step = steps.get(at.getTime());
    if (step) step.source = source;
  }
  for (const { at, source, isCounted } of moments) {
    const step = stepAt(at);
    step.source = source;
    step.isCounted = isCounted;
  }
  for (const { at, ...count } of counts) stepAt(at).counts.push(count);
  return {
    steps: [...steps.values()].sort((a, b) => a.at.getTime() - b.at.getTime()),
    counts: moments.reduce((sum, moment) => sum + moment.counts, 0),
  };
}

interface MomentColumns {
  at: Date;
  counts: number;
  source: string;
  isCounted: boolean;
}

interface VersionColumns<Content> {
  at: Date;
  content: Content;
}

interface Versions {
  sources: { at: Date; source: string }[];
  heads: VersionColumns<Head>[];
  types: VersionColumns<TicketType>[];
  shops: VersionColumns<UnderShop>[];
}

const noVersions: Versions = { sources: [], heads: [], types: [], shops: [] };

async function readVersions(sql: Sql, eventId: string): Promise<Versions> {
  const [sources, heads, types, shops] = await Promise.all([
    sql<Versions["sources"]>`
      select distinct on (version_at) version_at as at, source from event_version
      where event_id = ${eventId}
      order by version_at, observed_at desc, fact_key desc
    `,
    sql<VersionColumns<Head>[]>`
      select version_at as at, content from event_head_version
      where event_id = ${eventId}
      order by version_at, observed_at, fact_key
    `,
    sql<Versions["types"]>`
      select version_at as at, content from ticket_type_version
      where event_id = ${eventId}
      order by version_at, observed_at, fact_key, ticket_type_id
    `,
    sql<Versions["shops"]>`
      select version_at as at, content from under_shop_version
      where event_id = ${eventId}
      order by version_at, observed_at, fact_key, under_shop_id
    `,
  ]);
  return { sources, heads, types, shops };
}

const emptyStep = (at: Date): Step => ({
  at,
  heads: [],
  types: [],
  shops: [],
  counts: [],
  isCounted: false,
  source: "",
});
