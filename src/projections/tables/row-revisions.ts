import type { PendingQuery, Row } from "postgres";
import type { Sql } from "../../database/connect.ts";

/**
 * In which transaction each shown row came to say what it says, or went. They tell clients what changed, and
 * are no function of the facts: a replay compares none, and its swap marks what it changes.
 */
export const REVISION_TABLES = ["event_revision", "ticket_type_revision"];

export interface EventSaid {
  event_id: string;
  /** Null where there is nothing to show. */
  says: string | null;
  turns: string | null;
}

/**
 * What says the same as before has not changed, however often it is written. `said` has the columns of
 * `EventSaid`.
 */
export const markEvents = (sql: Sql, said: PendingQuery<Row[]>) => sql`
  insert into event_revision (
    event_id, says, turns, changed_in, changed_at, turns_changed_in, turns_changed_at
  )
  select event_id, says, turns, pg_current_xact_id(), clock_timestamp(),
    pg_current_xact_id(), clock_timestamp()
  from ${said}
  on conflict (event_id) do update set
    says = excluded.says,
    turns = excluded.turns,
    changed_in = excluded.changed_in,
    changed_at = excluded.changed_at,
    turns_changed_in = case when event_revision.turns is distinct from excluded.turns
      then excluded.turns_changed_in else event_revision.turns_changed_in end,
    turns_changed_at = case when event_revision.turns is distinct from excluded.turns
      then excluded.turns_changed_at else event_revision.turns_changed_at end
  where (event_revision.says, event_revision.turns) is distinct from (excluded.says, excluded.turns)
`;

/** The same of ticket types; `said` has `event_id`, `ticket_type_id` and `says`. */
export const markTypes = (sql: Sql, said: PendingQuery<Row[]>) => sql`
  insert into ticket_type_revision (event_id, ticket_type_id, says, changed_in, changed_at)
  select event_id, ticket_type_id, says, pg_current_xact_id(), clock_timestamp()
  from ${said}
  on conflict (event_id, ticket_type_id) do update set
    says = excluded.says, changed_in = excluded.changed_in, changed_at = excluded.changed_at
  where ticket_type_revision.says is distinct from excluded.says
`;

/**
 * Before rebuilt rows take the live ones' place, in the transaction that swaps them: what says the same
 * keeps its revision, what differs or goes is marked as changed now. The live rows must not change any more.
 */
export async function carryRevisions(tx: Sql, live: string, rebuilt: string): Promise<void> {
  const [liveEvents, events] = [tx(`${live}.event_revision`), tx(`${rebuilt}.event_revision`)];
  const [liveTypes, types] = [
    tx(`${live}.ticket_type_revision`),
    tx(`${rebuilt}.ticket_type_revision`),
  ];
  await tx`
    insert into ${events} (
      event_id, changed_in, changed_at, turns_changed_in, turns_changed_at
    )
    select event_id, changed_in, changed_at, turns_changed_in, turns_changed_at from ${liveEvents}
    on conflict do nothing
  `;
  await tx`
    update ${events} as made set
      changed_in = case when same.says then live.changed_in else pg_current_xact_id() end,
      changed_at = case when same.says then live.changed_at else clock_timestamp() end,
      turns_changed_in =
        case when same.turns then live.turns_changed_in else pg_current_xact_id() end,
      turns_changed_at = case when same.turns then live.turns_changed_at else clock_timestamp() end
    from ${events} as each left join ${liveEvents} as live on live.event_id = each.event_id
    cross join lateral (
      select
        live.event_id is not null
          and (live.says, live.turns) is not distinct from (each.says, each.turns) as says,
        live.event_id is not null and live.turns is not distinct from each.turns as turns
    ) same
    where made.event_id = each.event_id
  `;
  await tx`
    insert into ${types} (event_id, ticket_type_id, changed_in, changed_at)
    select event_id, ticket_type_id, changed_in, changed_at from ${liveTypes}
    on conflict do nothing
  `;
  await tx`
    update ${types} as made set
      changed_in = case when live.says is not distinct from made.says and live.event_id is not null
        then live.changed_in else pg_current_xact_id() end,
      changed_at = case when live.says is not distinct from made.says and live.event_id is not null
        then live.changed_at else clock_timestamp() end
    from ${types} as each left join ${liveTypes} as live
      on live.event_id = each.event_id and live.ticket_type_id = each.ticket_type_id
    where made.event_id = each.event_id and made.ticket_type_id = each.ticket_type_id
  `;
}
