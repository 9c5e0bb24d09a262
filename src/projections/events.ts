import type { EventDeleted, EventUpdated, Fact } from "../contracts/index.ts";
import type { Sql } from "../database/connect.ts";
import { factsOf, projection, recordset } from "./projection.ts";

/**
 * Events, their ticket types and their undershops: every version that the log holds, and the newest
 * of each. The newest is looked up among the versions each time, so no order of arrival matters.
 */
export const events = projection({
  tables: [
    "event_version",
    "event_deletion",
    "ticket_type_version",
    "under_shop_version",
    "event",
    "ticket_type",
    "under_shop",
  ],
  keyedTables: ["event_version", "event_deletion", "ticket_type_version", "under_shop_version"],
  async keep(sql, facts) {
    await keepVersions(sql, updatesOf(facts));
    await keepDeletions(sql, deletionsOf(facts));
  },
  async refresh(sql, facts) {
    const updated = updatesOf(facts);
    const about = [...updated, ...deletionsOf(facts)];
    const eventIds = [...new Set(about.map(({ eventId }) => eventId))];
    if (eventIds.length === 0) return;
    await refreshEvents(sql, sql`unnest(${eventIds}::text[])`);
    const types = pairs(updated, "ticketTypes", "ticketTypeId");
    await refreshTicketTypes(sql, sql`unnest(${types.eventIds}::text[], ${types.ids}::text[])`);
    const shops = pairs(updated, "underShops", "underShopId");
    await refreshUnderShops(sql, sql`unnest(${shops.eventIds}::text[], ${shops.ids}::text[])`);
  },
  async rebuild(sql) {
    await refreshEvents(sql, sql`(select distinct event_id from event_version)`);
    await refreshTicketTypes(
      sql,
      sql`(select distinct event_id, ticket_type_id from ticket_type_version)`,
    );
    await refreshUnderShops(
      sql,
      sql`(select distinct event_id, under_shop_id from under_shop_version)`,
    );
  },
});

const updatesOf = (facts: Fact[]) =>
  factsOf(facts, "event.updated.0").map(({ payload }) => payload);
const deletionsOf = (facts: Fact[]) =>
  factsOf(facts, "event.deleted.0").map(({ payload }) => payload);

const versionOf = ({ eventId, idempotencyKey, updatedAt, observedAt }: EventUpdated) => ({
  event_id: eventId,
  fact_key: idempotencyKey,
  version_at: updatedAt ?? observedAt,
  observed_at: observedAt,
});

/** One key is one fact, but it may have been recorded again at a later time: the earliest stands. */
async function keepVersions(sql: Sql, updated: EventUpdated[]) {
  if (updated.length === 0) return;
  const heads = updated.map((fact) => ({
    ...versionOf(fact),
    account: fact.account,
    source: fact.source,
    updated_at: fact.updatedAt,
    head: headOf(fact),
  }));
  await sql`
    insert into event_version
      (event_id, fact_key, version_at, observed_at, account, source, updated_at, head)
    select distinct on (event_id, fact_key)
      event_id, fact_key, version_at, observed_at, account, source, updated_at, head
    from jsonb_to_recordset(${recordset(heads)}::text::jsonb) as new (
      event_id text, fact_key text, version_at timestamptz, observed_at timestamptz,
      account text, source text, updated_at timestamptz, head jsonb
    )
    order by event_id, fact_key, observed_at, source
    on conflict (event_id, fact_key) do update set
      observed_at = excluded.observed_at,
      source      = excluded.source
    where (excluded.observed_at, excluded.source) < (event_version.observed_at, event_version.source)
  `;
  const ticketTypes = updated.flatMap((fact) =>
    fact.ticketTypes.map((content) => ({
      ...versionOf(fact),
      ticket_type_id: content.ticketTypeId,
      content,
    })),
  );
  await sql`
    insert into ticket_type_version
      (event_id, ticket_type_id, fact_key, version_at, observed_at, content)
    select distinct on (event_id, ticket_type_id, fact_key)
      event_id, ticket_type_id, fact_key, version_at, observed_at, content
    from jsonb_to_recordset(${recordset(ticketTypes)}::text::jsonb) as new (
      event_id text, ticket_type_id text, fact_key text,
      version_at timestamptz, observed_at timestamptz, content jsonb
    )
    order by event_id, ticket_type_id, fact_key, observed_at
    on conflict (event_id, ticket_type_id, fact_key) do update set
      observed_at = excluded.observed_at
    where excluded.observed_at < ticket_type_version.observed_at
  `;
  const underShops = updated.flatMap((fact) =>
    fact.underShops.map((content) => ({
      ...versionOf(fact),
      under_shop_id: content.underShopId,
      content,
    })),
  );
  await sql`
    insert into under_shop_version
      (event_id, under_shop_id, fact_key, version_at, observed_at, content)
    select distinct on (event_id, under_shop_id, fact_key)
      event_id, under_shop_id, fact_key, version_at, observed_at, content
    from jsonb_to_recordset(${recordset(underShops)}::text::jsonb) as new (
      event_id text, under_shop_id text, fact_key text,
      version_at timestamptz, observed_at timestamptz, content jsonb
    )
    order by event_id, under_shop_id, fact_key, observed_at
    on conflict (event_id, under_shop_id, fact_key) do update set
      observed_at = excluded.observed_at
    where excluded.observed_at < under_shop_version.observed_at
  `;
}

/** What an event's own row is made of: all but the envelope and what has rows of its own. */
function headOf(fact: EventUpdated) {
  const {
    idempotencyKey: _key,
    account: _account,
    source: _source,
    observedAt: _observedAt,
    updatedAt: _updatedAt,
    part: _part,
    ticketTypes: _ticketTypes,
    underShops: _underShops,
    ...head
  } = fact;
  return head;
}

async function keepDeletions(sql: Sql, deleted: EventDeleted[]) {
  if (deleted.length === 0) return;
  const rows = deleted.map(({ eventId, idempotencyKey, account, observedAt }) => ({
    event_id: eventId,
    fact_key: idempotencyKey,
    account,
    observed_at: observedAt,
  }));
  await sql`
    insert into event_deletion (event_id, fact_key, account, observed_at)
    select event_id, fact_key, account, observed_at
    from jsonb_to_recordset(${recordset(rows)}::text::jsonb) as new (
      event_id text, fact_key text, account text, observed_at timestamptz
    )
    on conflict do nothing
  `;
}

/** A fragment that names the rows to make anew. */
type Wanted = ReturnType<Sql>;

/**
 * `changed_at` is when the newest content was first observed after the last version that said
 * otherwise, or when the event went or came back since. An event is deleted when its account deleted it and no later reading from Vivenu's API
 * found it there again: a webhook can be two hours old, an answer of the API can not.
 */
const refreshEvents = (sql: Sql, wanted: Wanted) => sql`
  insert into event (
    event_id, account, name, event_type, location_name, location_city, location_country, timezone,
    created_at, updated_at, start_at, end_at, sell_start, sell_end, visible_after, hide_in_listing,
    max_amount, currency, categories, ticket_type_ids, under_shop_ids, deleted_at, changed_at
  )
  select
    newest.event_id, newest.account, head.name, head."eventType", head."locationName",
    head."locationCity", head."locationCountry", head.timezone, head."createdAt",
    newest.updated_at, head.start, head."end", head."sellStart", head."sellEnd",
    head."visibleAfter", head."hideInListing", head."maxAmount", head.currency, head.categories,
    head."ticketTypeIds", head."underShopIds", gone.observed_at,
    greatest(since.observed_at, gone.observed_at, back.observed_at)
  from ${wanted} as wanted (event_id)
  cross join lateral (
    select * from event_version v where v.event_id = wanted.event_id
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) newest
  left join lateral (
    select version_at, observed_at, fact_key from event_version v
    where v.event_id = wanted.event_id and (v.head <> newest.head or v.account <> newest.account)
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) otherwise on true
  cross join lateral (
    select min(v.observed_at) as observed_at from event_version v
    where v.event_id = wanted.event_id
      and (otherwise.fact_key is null or (v.version_at, v.observed_at, v.fact_key)
        > (otherwise.version_at, otherwise.observed_at, otherwise.fact_key))
  ) since
  left join lateral (
    select min(d.observed_at) as observed_at from event_deletion d
    where d.event_id = wanted.event_id and d.account = newest.account
      and not exists (
        select from event_version v
        where v.event_id = d.event_id and v.account = d.account
          and v.source <> 'webhook' and v.observed_at > d.observed_at
      )
  ) gone on true
  left join lateral (
    select min(v.observed_at) as observed_at from event_version v
    where v.event_id = wanted.event_id and v.account = newest.account and v.source <> 'webhook'
      and v.observed_at > (
        select max(d.observed_at) from event_deletion d
        where d.event_id = wanted.event_id and d.account = newest.account
      )
  ) back on true
  cross join lateral jsonb_to_record(newest.head) as head (
    name text, "eventType" text, "locationName" text, "locationCity" text, "locationCountry" text,
    timezone text, "createdAt" timestamptz, start timestamptz, "end" timestamptz,
    "sellStart" timestamptz, "sellEnd" timestamptz, "visibleAfter" timestamptz,
    "hideInListing" boolean, "maxAmount" integer, currency text, categories jsonb,
    "ticketTypeIds" text[], "underShopIds" text[]
  )
  on conflict (event_id) do update set
    account          = excluded.account,
    name             = excluded.name,
    event_type       = excluded.event_type,
    location_name    = excluded.location_name,
    location_city    = excluded.location_city,
    location_country = excluded.location_country,
    timezone         = excluded.timezone,
    created_at       = excluded.created_at,
    updated_at       = excluded.updated_at,
    start_at         = excluded.start_at,
    end_at           = excluded.end_at,
    sell_start       = excluded.sell_start,
    sell_end         = excluded.sell_end,
    visible_after    = excluded.visible_after,
    hide_in_listing  = excluded.hide_in_listing,
    max_amount       = excluded.max_amount,
    currency         = excluded.currency,
    categories       = excluded.categories,
    ticket_type_ids  = excluded.ticket_type_ids,
    under_shop_ids   = excluded.under_shop_ids,
    deleted_at       = excluded.deleted_at,
    changed_at       = excluded.changed_at
  where event is distinct from excluded
`;

interface Pairs {
  eventIds: string[];
  ids: string[];
}

/** Every (event, ticket type) or (event, undershop) that a page names, each once. */
function pairs<L extends "ticketTypes" | "underShops">(
  updated: EventUpdated[],
  list: L,
  id: keyof EventUpdated[L][number],
): Pairs {
  const found = new Map<string, [string, string]>();
  for (const fact of updated)
    for (const item of fact[list]) {
      // The cast: TypeScript does not relate the key to the list; both ids are strings.
      const itemId = (item as Record<typeof id, string>)[id];
      found.set(`${fact.eventId}/${itemId}`, [fact.eventId, itemId]);
    }
  const all = [...found.values()];
  return { eventIds: all.map(([eventId]) => eventId), ids: all.map(([, itemId]) => itemId) };
}

const refreshTicketTypes = (sql: Sql, wanted: Wanted) => sql`
  insert into ticket_type (
    event_id, ticket_type_id, name, price_minor, amount, active, category_ref, auto_added,
    ignore_for_max_amounts, conditional_availability, hidden_in_selection_area, allocations,
    changed_at
  )
  select
    wanted.event_id, wanted.ticket_type_id, content.name, content."priceMinor", content.amount,
    content.active, content."categoryRef", content."autoAdded", content."ignoreForMaxAmounts",
    content."conditionalAvailability", content."hiddenInSelectionArea", content.allocations,
    since.observed_at
  from ${wanted} as wanted (event_id, ticket_type_id)
  cross join lateral (
    select * from ticket_type_version v
    where v.event_id = wanted.event_id and v.ticket_type_id = wanted.ticket_type_id
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) newest
  left join lateral (
    select version_at, observed_at, fact_key from ticket_type_version v
    where v.event_id = wanted.event_id and v.ticket_type_id = wanted.ticket_type_id
      and v.content <> newest.content
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) otherwise on true
  cross join lateral (
    select min(v.observed_at) as observed_at from ticket_type_version v
    where v.event_id = wanted.event_id and v.ticket_type_id = wanted.ticket_type_id
      and (otherwise.fact_key is null or (v.version_at, v.observed_at, v.fact_key)
        > (otherwise.version_at, otherwise.observed_at, otherwise.fact_key))
  ) since
  cross join lateral jsonb_to_record(newest.content) as content (
    name text, "priceMinor" bigint, amount integer, active boolean, "categoryRef" text,
    "autoAdded" boolean, "ignoreForMaxAmounts" boolean, "conditionalAvailability" boolean,
    "hiddenInSelectionArea" boolean, allocations jsonb
  )
  on conflict (event_id, ticket_type_id) do update set
    name                     = excluded.name,
    price_minor              = excluded.price_minor,
    amount                   = excluded.amount,
    active                   = excluded.active,
    category_ref             = excluded.category_ref,
    auto_added               = excluded.auto_added,
    ignore_for_max_amounts   = excluded.ignore_for_max_amounts,
    conditional_availability = excluded.conditional_availability,
    hidden_in_selection_area = excluded.hidden_in_selection_area,
    allocations              = excluded.allocations,
    changed_at               = excluded.changed_at
  where ticket_type is distinct from excluded
`;

const refreshUnderShops = (sql: Sql, wanted: Wanted) => sql`
  insert into under_shop (
    event_id, under_shop_id, name, active, sell_start, sell_end, inventory_strategy, max_amount,
    customer_tags, changed_at
  )
  select
    wanted.event_id, wanted.under_shop_id, content.name, content.active, content."sellStart",
    content."sellEnd", content."inventoryStrategy", content."maxAmount", content."customerTags",
    since.observed_at
  from ${wanted} as wanted (event_id, under_shop_id)
  cross join lateral (
    select * from under_shop_version v
    where v.event_id = wanted.event_id and v.under_shop_id = wanted.under_shop_id
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) newest
  left join lateral (
    select version_at, observed_at, fact_key from under_shop_version v
    where v.event_id = wanted.event_id and v.under_shop_id = wanted.under_shop_id
      and v.content <> newest.content
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) otherwise on true
  cross join lateral (
    select min(v.observed_at) as observed_at from under_shop_version v
    where v.event_id = wanted.event_id and v.under_shop_id = wanted.under_shop_id
      and (otherwise.fact_key is null or (v.version_at, v.observed_at, v.fact_key)
        > (otherwise.version_at, otherwise.observed_at, otherwise.fact_key))
  ) since
  cross join lateral jsonb_to_record(newest.content) as content (
    name text, active boolean, "sellStart" timestamptz, "sellEnd" timestamptz,
    "inventoryStrategy" text, "maxAmount" integer, "customerTags" jsonb
  )
  on conflict (event_id, under_shop_id) do update set
    name               = excluded.name,
    active             = excluded.active,
    sell_start         = excluded.sell_start,
    sell_end           = excluded.sell_end,
    inventory_strategy = excluded.inventory_strategy,
    max_amount         = excluded.max_amount,
    customer_tags      = excluded.customer_tags,
    changed_at         = excluded.changed_at
  where under_shop is distinct from excluded
`;
