-- What lists are filtered and sorted by, apart from the documents, so that no list reads these. Until a
-- row is made anew, which begins with the next start, they say what its document says, as far as SQL can.
alter table event_shown
  add column name_key text collate "C",
  add column location_key text collate "C",
  -- Of the name and the place: words without case and accents.
  add column search text collate "C",
  add column event_type text collate "C",
  -- The event's day by its own calendar.
  add column race_day text collate "C",
  add column end_at timestamptz,
  add column timezone text collate "C",
  add column sell_start timestamptz,
  add column sell_end timestamptz,
  add column currency text collate "C",
  add column total_capacity bigint,
  add column total_sold bigint,
  add column total_available bigint,
  -- While the sale is open, and at all other times.
  add column available_to_buy bigint,
  add column to_buy_when_shut bigint,
  add column reserved bigint,
  add column held_for_under_shops bigint,
  add column oversold_places bigint,
  add column charity_capacity bigint,
  add column charity_sold bigint,
  add column charity_available bigint,
  add column percent_sold double precision,
  add column oversold bigint,
  add column counted_at timestamptz,
  add column count_complete boolean,
  add column last_updated timestamptz,
  add column deleted boolean,
  -- Beside `statuses`, of the same instants.
  add column presales boolean[],
  add column limiteds boolean[],
  -- What its ticket types are: each class with whether it is in the totals and switched on, once.
  add column type_kinds text[];

update event_shown set
  name_key = upper(document -> 'row' ->> 'eventName'),
  location_key = upper(document -> 'row' ->> 'location'),
  search = upper(concat_ws(' ', document -> 'row' ->> 'eventName', document -> 'row' ->> 'location')),
  event_type = document -> 'row' ->> 'eventType',
  race_day = left(document -> 'row' ->> 'eventDate', 10),
  end_at = (document -> 'row' ->> 'eventEndDate')::timestamptz,
  timezone = document -> 'row' ->> 'timezone',
  sell_start = (document -> 'row' ->> 'salesLaunchDate')::timestamptz,
  sell_end = (document -> 'row' ->> 'salesEndDate')::timestamptz,
  currency = document -> 'row' ->> 'currency',
  total_capacity = (document -> 'row' ->> 'totalCapacity')::bigint,
  total_sold = (document -> 'row' ->> 'totalSold')::bigint,
  total_available = (document -> 'row' ->> 'totalAvailable')::bigint,
  available_to_buy = (document -> 'row' ->> 'availableToBuy')::bigint,
  to_buy_when_shut = (document ->> 'toBuyWhenShut')::bigint,
  reserved = (document -> 'row' ->> 'reserved')::bigint,
  held_for_under_shops = (document -> 'row' ->> 'heldForUnderShops')::bigint,
  oversold_places = (document -> 'row' ->> 'oversoldPlaces')::bigint,
  percent_sold = (document -> 'row' ->> 'percentSold')::double precision,
  oversold = (document -> 'row' ->> 'oversold')::bigint,
  counted_at = (document -> 'row' ->> 'countedAt')::timestamptz,
  count_complete = (document -> 'row' ->> 'countComplete')::boolean,
  last_updated = (document -> 'row' ->> 'lastUpdated')::timestamptz,
  deleted = statuses[1] = 'CANCELLED',
  presales = array(
    select (standing ->> 'presale')::boolean
    from json_array_elements(document -> 'standings') with ordinality as of (standing, place)
    order by place
  ),
  limiteds = array(
    select (standing ->> 'limited')::boolean
    from json_array_elements(document -> 'standings') with ordinality as of (standing, place)
    order by place
  ),
  document = jsonb_set(
    document::jsonb, '{row}',
    '{"charityCapacity": null, "charitySold": null, "charityAvailable": null}'
      || (document -> 'row')::jsonb
  )::json
where document is not null;

alter table ticket_type_shown
  add column name_key text collate "C",
  add column event_name_key text collate "C",
  -- Of its name, its event's and the place.
  add column search text collate "C",
  add column event_type text collate "C",
  add column race_day text collate "C",
  add column timezone text collate "C",
  add column class text collate "C",
  add column active boolean,
  add column removed boolean,
  add column in_totals boolean,
  -- The event is.
  add column deleted boolean,
  add column price double precision,
  add column currency text collate "C",
  add column capacity bigint,
  add column sold bigint,
  add column sold_direct bigint,
  add column sold_under_shop bigint,
  add column allocated_under_shop bigint,
  add column reserved bigint,
  add column complimentary bigint,
  add column replaced bigint,
  add column available bigint,
  add column available_to_buy bigint,
  add column to_buy_when_shut bigint,
  add column oversold bigint,
  add column percent_sold double precision,
  add column last_updated timestamptz;

update ticket_type_shown set
  name_key = upper(type.document -> 'row' ->> 'ticketName'),
  event_name_key = event.name_key,
  search = upper(concat_ws(' ', type.document -> 'row' ->> 'ticketName', event.search)),
  event_type = event.event_type,
  race_day = event.race_day,
  timezone = event.timezone,
  class = type.document -> 'row' ->> 'class',
  in_totals = type.document -> 'row' ->> 'class' in ('race', 'charity'),
  active = (type.document -> 'row' ->> 'active')::boolean,
  removed = (type.document -> 'row' ->> 'removed')::boolean,
  deleted = event.deleted,
  price = (type.document -> 'row' ->> 'price')::double precision,
  currency = type.document -> 'row' ->> 'currency',
  capacity = (type.document -> 'row' ->> 'capacity')::bigint,
  sold = (type.document -> 'row' ->> 'sold')::bigint,
  sold_direct = (type.document -> 'row' ->> 'soldDirect')::bigint,
  sold_under_shop = (type.document -> 'row' ->> 'soldUnderShop')::bigint,
  allocated_under_shop = (type.document -> 'row' ->> 'allocatedUnderShop')::bigint,
  reserved = (type.document -> 'row' ->> 'reserved')::bigint,
  complimentary = (type.document -> 'row' ->> 'complimentary')::bigint,
  replaced = (type.document -> 'row' ->> 'replaced')::bigint,
  available = (type.document -> 'row' ->> 'available')::bigint,
  available_to_buy = (type.document -> 'row' ->> 'availableToBuy')::bigint,
  to_buy_when_shut = (type.document ->> 'toBuyWhenShut')::bigint,
  oversold = (type.document -> 'row' ->> 'oversold')::bigint,
  last_updated = (type.document -> 'row' ->> 'lastUpdated')::timestamptz,
  document = jsonb_set(
    type.document::jsonb, '{row}',
    jsonb_build_object(
      'eventDate', event.document -> 'row' -> 'eventDate', 'percentSold', null,
      'inTotals', type.document -> 'row' ->> 'class' in ('race', 'charity')
    ) || (type.document -> 'row')::jsonb
  )::json
from ticket_type_shown type
join event_shown event on event.event_id = type.event_id
where ticket_type_shown.event_id = type.event_id
  and ticket_type_shown.ticket_type_id = type.ticket_type_id;

update event_shown set type_kinds = array(
  select distinct concat_ws(' ', class, in_totals::text, active::text)
  from ticket_type_shown type
  where type.event_id = event_shown.event_id and not removed
)
where document is not null;

-- Of a thousand events a thousand short rows are looked at; of a hundred thousand ticket types those
-- that a dashboard sorts by have an index.
create index ticket_type_shown_by_name on ticket_type_shown (name_key, event_id, ticket_type_id);
create index ticket_type_shown_by_price on ticket_type_shown (price, event_id, ticket_type_id);
create index ticket_type_shown_by_capacity on ticket_type_shown (capacity, event_id, ticket_type_id);
create index ticket_type_shown_by_sold on ticket_type_shown (sold, event_id, ticket_type_id);
create index ticket_type_shown_by_available on ticket_type_shown (available, event_id, ticket_type_id);
create index ticket_type_shown_by_percent on ticket_type_shown (percent_sold, event_id, ticket_type_id);
create index ticket_type_shown_by_update on ticket_type_shown (last_updated, event_id, ticket_type_id);
