import type { Sql } from "../../database/connect.ts";
import { readAtOnce } from "./shown.ts";

export interface SoldAtWanted {
  eventId: string;
  /** The ticket types that are summed. */
  typeIds: readonly string[];
  /** In milliseconds. */
  instants: readonly number[];
}

export interface SoldAt {
  /** When the first count of all the event's ticket types began; null while there is none. */
  countedFrom: number | null;
  /** At each instant, as it was counted last by then; before the first count what that found. */
  sold: number[];
  /** When the count began that each is of, or the last one that said otherwise. */
  countedAt: number[];
}

/**
 * What had been sold at each of some instants by the counts, what was refunded until then taken out: one
 * look into the index for each ticket type and instant that something was counted after, whatever else is in
 * the history.
 */
export async function readSoldAt(
  sql: Sql,
  wanted: readonly SoldAtWanted[],
): Promise<Map<string, SoldAt>> {
  if (wanted.length === 0) return new Map();
  const asked = wanted.map(({ eventId, typeIds, instants }) => ({
    event_id: eventId,
    types: typeIds,
    instants: instants.map((at) => new Date(at)),
  }));
  const found = await readAtOnce<{
    eventId: string;
    countedFrom: number | null;
    sold: number[];
    countedAt: number[];
  }>(
    sql,
    sql`
      select wanted.event_id as "eventId",
        floor(extract(epoch from first.counted_at) * 1000) as "countedFrom",
        moments.sold, moments.counted_at as "countedAt"
      from jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb)
        as wanted (event_id text, types text[], instants timestamptz[])
      left join lateral (
        select counted_at from event_count c
        where c.event_id = wanted.event_id and complete and whole
        group by counted_at having count(distinct part_number) >= max(part_of)
        order by counted_at limit 1
      ) first on true
      cross join lateral (
          select json_agg(coalesce(summed.sold, 0) order by moment.n) as sold,
            json_agg(floor(extract(epoch from coalesce(summed.counted_at, first.counted_at)) * 1000)
              order by moment.n) as counted_at
          from unnest(wanted.instants) with ordinality as moment (at, n)
          cross join lateral (
            select sum(coalesce(earlier.sold, unchanged.sold)) as sold,
              max(coalesce(earlier.counted_at, unchanged.counted_at)) as counted_at
            from ticket_type_sales type
            cross join lateral (
              select type.changed_at <= greatest(moment.at, first.counted_at) as is_unchanged
            ) since
            -- What no later count has changed is what was counted by then.
            left join lateral (
              select type.sold, type.changed_at as counted_at where is_unchanged
            ) unchanged on true
            left join lateral (
              select sold, counted_at from ticket_type_count kept
              where not is_unchanged
                and kept.event_id = wanted.event_id and kept.ticket_type_id = type.ticket_type_id
                and counted_at <= greatest(moment.at, first.counted_at)
              order by counted_at desc, fact_key desc limit 1
            ) earlier on true
            where type.event_id = wanted.event_id and type.ticket_type_id = any(wanted.types)
          ) summed
      ) moments
    `,
  );
  return new Map(
    found.map(({ eventId, countedFrom, sold, countedAt }) => [
      eventId,
      { countedFrom, sold: sold ?? [], countedAt: countedAt ?? [] },
    ]),
  );
}
