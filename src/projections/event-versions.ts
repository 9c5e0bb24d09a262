import type { EventDeleted, EventUpdated } from "../contracts/index.ts";
import type { Sql } from "../database/connect.ts";
import { headColumns, ticketTypeColumns, underShopColumns } from "./event-columns.ts";
import { recordset } from "./projection.ts";

const versionOf = ({ eventId, idempotencyKey, updatedAt, observedAt }: EventUpdated) => ({
  event_id: eventId,
  fact_key: idempotencyKey,
  version_at: updatedAt ?? observedAt,
  observed_at: observedAt,
});

/** One key is one fact, but it may have been recorded again at a later time: the earliest stands. */
export async function keepVersions(sql: Sql, updated: EventUpdated[]) {
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
    cross join lateral jsonb_to_record(head) as readable (${headColumns(sql)})
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
    cross join lateral jsonb_to_record(content) as readable (${ticketTypeColumns(sql)})
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
    cross join lateral jsonb_to_record(content) as readable (${underShopColumns(sql)})
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

export async function keepDeletions(sql: Sql, deleted: EventDeleted[]) {
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
