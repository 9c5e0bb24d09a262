import type { Sql } from "../../database/connect.ts";
import { knownZone } from "../../lib/zones.ts";
import type { Fragment } from "./keyset.ts";
import type { UnderShopRow } from "./row-types.ts";

/** Of all events that are there, or of one, by race date and name. */
export async function readUnderShops(
  sql: Sql,
  { eventId }: { eventId?: string } = {},
): Promise<UnderShopRow[]> {
  const only = (of: Fragment) => (eventId === undefined ? sql`` : sql`and ${of} = ${eventId}`);
  const found = await sql<Found[]>`
    with listed as (
      select event_id, allocation ->> 'underShopId' as under_shop_id, category_ref,
        -- One type without an amount may be sold up to the type's own.
        case when bool_and(allocation ->> 'amount' is not null)
          then sum((allocation ->> 'amount')::bigint) end as places
      from ticket_type
      join event using (event_id), jsonb_array_elements(allocations) as allocation
      where (allocation ->> 'active')::boolean and ticket_type_id = any(ticket_type_ids)
        ${only(sql`event.event_id`)}
      group by 1, 2, 3
    ), limited as (
      select event_id, under_shop_id, cap ->> 'ref' as category_ref,
        min((cap ->> 'amount')::bigint) as places
      from under_shop, jsonb_array_elements(category_amounts) as cap
      where true ${only(sql`event_id`)}
      group by 1, 2, 3
    ), allocated as (
      select event_id, under_shop_id,
        case when bool_and(places is not null) then sum(places) end as places
      from (
        -- Of a category with a limit it sells no more, whether or not its ticket types have amounts.
        select event_id, under_shop_id, least(listed.places, limited.places) as places
        from listed full join limited using (event_id, under_shop_id, category_ref)
      ) in_category
      group by 1, 2
    ), sold as (
      select event_id, under_shop_id, sum(tickets::bigint) as tickets
      from ticket_type_sales, jsonb_each_text(sold_by_under_shop) as by_shop (under_shop_id, tickets)
      where true ${only(sql`event_id`)}
      group by 1, 2
    ), reserved as (
      select event_id, under_shop_id, sum(tickets::bigint) as tickets
      from ticket_type_sales,
        jsonb_each_text(reserved_by_under_shop) as by_shop (under_shop_id, tickets)
      where true ${only(sql`event_id`)}
      group by 1, 2
    ), counted as (
      -- A count of before it was counted by shop names none of those that sold.
      select event_id, bool_and(sold_by_under_shop is not null or sold_under_shop = 0) as by_shop
      from ticket_type_sales where true ${only(sql`event_id`)} group by 1
    )
    select
      shop.event_id, event.name as event_name, event.account as region, event.timezone,
      event.start_at, shop.under_shop_id, shop.name as under_shop_name, shop.active,
      shop.inventory_strategy, shop.sell_start, shop.sell_end,
      least(allocated.places, nullif(shop.max_amount, 0))::float8 as allocation,
      case when counted.by_shop then coalesce(sold.tickets, 0)::float8 end as sold,
      coalesce(reserved.tickets, 0)::float8 as reserved
    from under_shop shop
    join event on event.event_id = shop.event_id and event.deleted_at is null
      and shop.under_shop_id = any(event.under_shop_ids) ${only(sql`shop.event_id`)}
    left join allocated
      on allocated.event_id = shop.event_id and allocated.under_shop_id = shop.under_shop_id
    left join sold on sold.event_id = shop.event_id and sold.under_shop_id = shop.under_shop_id
    left join reserved
      on reserved.event_id = shop.event_id and reserved.under_shop_id = shop.under_shop_id
    left join counted on counted.event_id = shop.event_id
    order by event.start_at, shop.event_id, shop.name, shop.under_shop_id
  `;
  return found.map(({ startAt, sellStart, sellEnd, timezone, reserved, ...shop }) => ({
    ...shop,
    timezone: knownZone(timezone),
    eventDate: startAt.toISOString(),
    left: leftOf(shop, reserved),
    salesStart: sellStart?.toISOString() ?? null,
    salesEnd: sellEnd?.toISOString() ?? null,
  }));
}

type Found = Omit<UnderShopRow, "eventDate" | "left" | "salesStart" | "salesEnd"> & {
  startAt: Date;
  reserved: number;
  sellStart: Date | null;
  sellEnd: Date | null;
};

/** A reserved place is not left. */
const leftOf = (
  { allocation, sold }: Pick<UnderShopRow, "allocation" | "sold">,
  reserved: number,
) => (allocation === null || sold === null ? null : Math.max(0, allocation - sold - reserved));
