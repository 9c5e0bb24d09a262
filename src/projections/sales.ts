import type { Fact, SalesCounted } from "../contracts/index.ts";
import type { Sql } from "../database/connect.ts";
import { factsOf, projection, recordset } from "./projection.ts";

/** What was sold: every count that the log holds, the newest of each ticket type, and each hour. */
export const sales = projection({
  tables: ["event_count", "count_history", "ticket_type_count", "ticket_type_sales", "sales_hour"],
  keyedTables: ["event_count", "ticket_type_count", "sales_hour"],
  async keep(sql, facts) {
    const counted = factsOf(facts, "sales.counted.0").map(({ payload }) => payload);
    if (counted.length === 0) return;
    await keepCounts(sql, counted);
    const complete = completeOf(facts);
    if (complete.length === 0) return;
    await keepTicketTypeCounts(sql, complete);
    await putHours(sql, complete);
  },
  async refresh(sql, facts) {
    const counted = factsOf(facts, "sales.counted.0").map(({ payload }) => payload.eventId);
    if (counted.length === 0) return;
    await refreshHistory(sql, sql`unnest(${[...new Set(counted)]}::text[])`);
    const complete = completeOf(facts);
    if (complete.length === 0) return;
    const named = complete.flatMap(({ eventId, ticketTypes }) =>
      ticketTypes.map(({ ticketTypeId }) => [eventId, ticketTypeId] as const),
    );
    const eventIds = named.map(([eventId]) => eventId);
    const ids = named.map(([, ticketTypeId]) => ticketTypeId);
    await refreshSales(
      sql,
      sql`(
        select distinct event_id, ticket_type_id
        from unnest(${eventIds}::text[], ${ids}::text[]) as named (event_id, ticket_type_id)
      )`,
    );
  },
  async rebuild(sql) {
    await refreshHistory(sql, sql`(select distinct event_id from event_count)`);
    await refreshSales(sql, sql`(select distinct event_id, ticket_type_id from ticket_type_count)`);
  },
});

/** A count that is not complete is history, never what an event has sold. */
const completeOf = (facts: Fact[]) =>
  factsOf(facts, "sales.counted.0")
    .map(({ payload }) => payload)
    .filter(({ complete }) => complete);

const keepCounts = (sql: Sql, counted: SalesCounted[]) => sql`
  insert into event_count
    (event_id, fact_key, counted_at, complete, tickets_read, expected_total, currencies,
     part_number, part_of, source)
  select
    event_id, fact_key, counted_at, complete, tickets_read, expected_total, currencies,
    part_number, part_of, source
  from jsonb_to_recordset(${recordset(
    counted.map((count) => ({
      event_id: count.eventId,
      fact_key: count.idempotencyKey,
      counted_at: count.countedAt,
      complete: count.complete,
      tickets_read: count.ticketsRead,
      expected_total: count.expectedTotal,
      currencies: count.currencies,
      part_number: count.part.number,
      part_of: count.part.of,
      source: count.source,
    })),
  )}::text::jsonb) as new (
    event_id text, fact_key text, counted_at timestamptz, complete boolean,
    tickets_read integer, expected_total integer, currencies jsonb,
    part_number integer, part_of integer, source text
  )
  on conflict do nothing
`;

const refreshHistory = (sql: Sql, wanted: ReturnType<Sql>) => sql`
  insert into count_history (event_id, counts)
  select wanted.event_id, kept.counts
  from ${wanted} as wanted (event_id)
  cross join lateral (
    select count(*)::int as counts from event_count c where c.event_id = wanted.event_id
  ) kept
  on conflict (event_id) do update set counts = excluded.counts
  where count_history.counts <> excluded.counts
`;

const perTicketType = (counted: SalesCounted[]) =>
  counted.flatMap((count) =>
    count.ticketTypes.map((ticketType) => ({
      event_id: count.eventId,
      fact_key: count.idempotencyKey,
      counted_at: count.countedAt,
      ...ticketType,
    })),
  );

const keepTicketTypeCounts = (sql: Sql, counted: SalesCounted[]) => sql`
  insert into ticket_type_count (
    event_id, ticket_type_id, fact_key, counted_at, sold, sold_under_shop, complimentary, replaced,
    triggered, flex_add_ons, reserved, invalid, blank
  )
  select
    event_id, "ticketTypeId", fact_key, counted_at, sold, "soldUnderShop", complimentary, replaced,
    triggered, "flexAddOns", reserved, invalid, blank
  from jsonb_to_recordset(${recordset(perTicketType(counted))}::text::jsonb) as new (
    event_id text, "ticketTypeId" text, fact_key text, counted_at timestamptz, sold integer,
    "soldUnderShop" integer, complimentary integer, replaced integer, triggered integer,
    "flexAddOns" integer, reserved integer, invalid integer, blank integer
  )
  on conflict do nothing
`;

/** `changed_at` is when the newest numbers were first counted after the last count that differed. */
const refreshSales = (sql: Sql, wanted: ReturnType<Sql>) => sql`
  insert into ticket_type_sales (
    event_id, ticket_type_id, counted_at, sold, sold_under_shop, complimentary, replaced, triggered,
    flex_add_ons, reserved, invalid, blank, changed_at
  )
  select
    wanted.event_id, wanted.ticket_type_id, newest.counted_at, newest.sold, newest.sold_under_shop,
    newest.complimentary, newest.replaced, newest.triggered, newest.flex_add_ons, newest.reserved,
    newest.invalid, newest.blank, since.counted_at
  from ${wanted} as wanted (event_id, ticket_type_id)
  cross join lateral (
    select * from ticket_type_count c
    where c.event_id = wanted.event_id and c.ticket_type_id = wanted.ticket_type_id
    order by counted_at desc, fact_key desc limit 1
  ) newest
  left join lateral (
    select counted_at, fact_key from ticket_type_count c
    where c.event_id = wanted.event_id and c.ticket_type_id = wanted.ticket_type_id
      and (c.sold, c.sold_under_shop, c.complimentary, c.replaced, c.triggered, c.flex_add_ons,
           c.reserved, c.invalid, c.blank)
        <> (newest.sold, newest.sold_under_shop, newest.complimentary, newest.replaced,
            newest.triggered, newest.flex_add_ons, newest.reserved, newest.invalid, newest.blank)
    order by counted_at desc, fact_key desc limit 1
  ) otherwise on true
  cross join lateral (
    select min(c.counted_at) as counted_at from ticket_type_count c
    where c.event_id = wanted.event_id and c.ticket_type_id = wanted.ticket_type_id
      and (otherwise.fact_key is null
        or (c.counted_at, c.fact_key) > (otherwise.counted_at, otherwise.fact_key))
  ) since
  on conflict (event_id, ticket_type_id) do update set
    counted_at      = excluded.counted_at,
    sold            = excluded.sold,
    sold_under_shop = excluded.sold_under_shop,
    complimentary   = excluded.complimentary,
    replaced        = excluded.replaced,
    triggered       = excluded.triggered,
    flex_add_ons    = excluded.flex_add_ons,
    reserved        = excluded.reserved,
    invalid         = excluded.invalid,
    blank           = excluded.blank,
    changed_at      = excluded.changed_at
  where ticket_type_sales is distinct from excluded
`;

/** An hour's number is whole, so the newest count that names the hour wins. */
const putHours = (sql: Sql, counted: SalesCounted[]) => sql`
  insert into sales_hour (event_id, ticket_type_id, hour, kind, tickets, counted_at, fact_key)
  select distinct on (event_id, ticket_type_id, hour, kind)
    event_id, ticket_type_id, hour, kind, tickets, counted_at, fact_key
  from jsonb_to_recordset(${recordset(perTicketType(counted).flatMap(hoursOf))}::text::jsonb) as new (
    event_id text, ticket_type_id text, hour timestamptz, kind text, tickets integer,
    counted_at timestamptz, fact_key text
  )
  order by event_id, ticket_type_id, hour, kind, counted_at desc, fact_key desc
  on conflict (event_id, ticket_type_id, hour, kind) do update set
    tickets    = excluded.tickets,
    counted_at = excluded.counted_at,
    fact_key   = excluded.fact_key
  where (sales_hour.counted_at, sales_hour.fact_key) < (excluded.counted_at, excluded.fact_key)
`;

/** An hour that only one of the two lists names says nothing of the other's number. */
function hoursOf({ newSales, replacements, ...count }: ReturnType<typeof perTicketType>[number]) {
  const { event_id, ticketTypeId, fact_key, counted_at } = count;
  const named = (kind: string, hours: Record<string, number>) =>
    Object.entries(hours).map(([hour, tickets]) => ({
      event_id,
      ticket_type_id: ticketTypeId,
      hour: `${hour}:00:00Z`,
      kind,
      tickets,
      counted_at,
      fact_key,
    }));
  return [...named("new_sale", newSales), ...named("replacement", replacements)];
}
