import type { Sql } from "../../database/connect.ts";
import { NEW_SALE, REPLACEMENT } from "../tables/hours.ts";
import type { Fragment } from "./keyset.ts";
import { readAtOnce } from "./shown.ts";

/** What was sold in one UTC hour: of the tickets sold now, those created in it. */
export interface SoldHour {
  /** When it begins, in milliseconds. */
  at: number;
  newSales: number;
  replacements: number;
}

interface HoursWanted {
  eventId: string;
  typeIds: readonly string[];
  /** Hours that begin earlier are not read. */
  since: Date;
}

/** PostgreSQL and JavaScript write years outside of these differently, and nothing was sold in them. */
const [EARLIEST_MS, LATEST_MS] = [0, Date.UTC(9_000, 0)];

/**
 * Which hours are those of an instant: that were over by then, and the one under way where its number was
 * counted by then. What it said before it was counted again nobody kept.
 */
export const hoursAt = (sql: Sql, asOf: Date | undefined) =>
  asOf === undefined
    ? sql``
    : sql`and hour <= ${asOf} and (hour <= ${asOf}::timestamptz - interval '1 hour' or counted_at <= ${asOf})`;

const HOUR_MS = 3_600_000;

/**
 * Up to an instant before the first count, of all that is sold now: the hours that were over by then, and the
 * total without what was created later.
 */
export function createdBy({ hours, sold, firstAt }: Sold, at: Date): Sold {
  const isOver = (hour: SoldHour) => hour.at + HOUR_MS <= at.getTime();
  const later = hours.filter((hour) => !isOver(hour));
  const newSales = later.reduce((sum, hour) => sum + hour.newSales, 0);
  return {
    hours: hours.filter(isOver),
    sold: sold === null ? null : Math.max(0, sold - newSales),
    firstAt: firstAt !== null && firstAt + HOUR_MS <= at.getTime() ? firstAt : null,
  };
}

export interface Sold {
  /** Oldest first. */
  hours: SoldHour[];
  /** Of all hours, those that were not read too; null where nothing was sold. */
  firstAt: number | null;
  /** What these types have sold by now, of the hours' own moment; null where that is not known, or not asked for. */
  sold: number | null;
}

interface SoldHoursOptions {
  asOf?: Date | undefined;
  /** A total that was read before the hours may be of another count. */
  isSoldWanted?: boolean;
}

/** What ticket types have sold now, as their rows say. A column that is handed in names its table, for these have it too. */
const soldNowOf = (sql: Sql, eventId: Fragment, typeIds: Fragment) => sql`
  select sum(type.sold)::float8 from ticket_type_shown type
  where type.event_id = ${eventId} and type.ticket_type_id = any(${typeIds})
`;

/** Of each event the hours in which these types sold something: one statement for all of them. */
export async function readSoldHours(
  sql: Sql,
  wanted: readonly HoursWanted[],
  { asOf, isSoldWanted = false }: SoldHoursOptions = {},
): Promise<Map<string, Sold>> {
  const asked = wanted
    .filter(({ typeIds }) => typeIds.length > 0)
    .map(({ eventId: event_id, typeIds: types, since }) => ({
      event_id,
      types,
      since: withinTime(since),
    }));
  if (asked.length === 0) return new Map();
  // Event by event, so that each is read from the index and from nothing else.
  const found = await readAtOnce<Found>(
    sql,
    sql`
      select wanted.event_id as "eventId", first.at as "firstAt",
        ${isSoldWanted ? sql`(${soldNowOf(sql, sql`wanted.event_id`, sql`wanted.types`)})` : sql`null`} as sold, (
        select json_agg(json_build_array(at, new_sales, replacements) order by at)
        from (
          select
            extract(epoch from hour)::bigint * 1000 as at,
            coalesce(sum(tickets) filter (where kind = ${NEW_SALE}), 0) as new_sales,
            coalesce(sum(tickets) filter (where kind = ${REPLACEMENT}), 0) as replacements
          from sales_hour sold
          where sold.event_id = wanted.event_id and hour >= wanted.since and tickets > 0
            and ticket_type_id = any(wanted.types) ${hoursAt(sql, asOf)}
          group by hour
        ) hours
      ) as hours
      from jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb)
        as wanted (event_id text, types text[], since timestamptz)
      left join lateral (
        select extract(epoch from hour)::bigint * 1000 as at
        from sales_hour sold
        where sold.event_id = wanted.event_id and tickets > 0
          and ticket_type_id = any(wanted.types) ${hoursAt(sql, asOf)}
        order by hour limit 1
      ) first on true
    `,
  );
  return new Map(
    found.map(({ eventId, firstAt, sold, hours }) => [
      eventId,
      {
        firstAt,
        sold,
        hours: (hours ?? []).map(([at, newSales, replacements]) => ({
          at,
          newSales,
          replacements,
        })),
      },
    ]),
  );
}

const withinTime = (since: Date) =>
  new Date(Math.min(Math.max(since.getTime(), EARLIEST_MS), LATEST_MS));

interface Found {
  eventId: string;
  firstAt: number | null;
  sold: number | null;
  hours: [at: number, newSales: number, replacements: number][] | null;
}

export interface NewSales {
  hours: { at: number; tickets: number }[];
  /** What the type has sold by now, of the hours' own moment; null where no row says it. */
  sold: number | null;
}

/** Of each of an event's ticket types the hours that it was newly sold in, replacements left out. */
export async function readNewSalesByType(
  sql: Sql,
  eventId: string,
): Promise<Map<string, NewSales>> {
  const found = await readAtOnce<FoundSales>(
    sql,
    sql`
      select hours.ticket_type_id as id,
        (${soldNowOf(sql, sql`${eventId}`, sql`array[hours.ticket_type_id]`)}) as sold,
        json_agg(json_build_array(extract(epoch from hours.hour)::bigint * 1000, hours.tickets)) as hours
      from sales_hour hours
      where hours.event_id = ${eventId} and hours.kind = ${NEW_SALE} and hours.tickets > 0
      group by hours.ticket_type_id
    `,
  );
  return new Map(
    found.map(({ id, sold, hours }) => [
      id,
      { sold, hours: hours.map(([at, tickets]) => ({ at, tickets })) },
    ]),
  );
}

interface FoundSales {
  id: string;
  sold: number | null;
  hours: [at: number, tickets: number][];
}
