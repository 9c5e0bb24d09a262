import type { PendingQuery, Row } from "postgres";
import type { Sql } from "../../database/connect.ts";
import { fieldTypesOf, namesOf, takenOver, typesOf } from "../../database/table-columns.ts";
import {
  columnsOfOrder,
  type EventMerge,
  newestFirst,
  type RowTable,
  SINCE,
  sinceColumns,
} from "./history-tables.ts";

export async function deleteRows(sql: Sql, history: RowTable, merged: readonly EventMerge[]) {
  const { table, facts, item } = history;
  const gone = merged.flatMap(({ eventId, deleted }) =>
    deleted.map(({ id, order }) => ({
      event_id: eventId,
      item_id: id,
      ...columnsOfOrder(facts, order),
    })),
  );
  if (gone.length === 0) return;
  await sql`
    delete from ${sql(table)} kept
    using jsonb_to_recordset(${JSON.stringify(gone)}::text::jsonb) as gone (
      event_id text, item_id text, ${typesOf(sql, facts.order)}
    )
    where kept.event_id = gone.event_id
      ${item === undefined ? sql`` : sql`and kept.${sql(item)} = gone.item_id`}
      and (${namesOf(sql, facts.order, "kept")}) = (${namesOf(sql, facts.order, "gone")})
  `;
}

export async function writeRows(
  sql: Sql,
  history: RowTable,
  merged: readonly EventMerge[],
  { withCurrent }: { withCurrent: boolean },
) {
  const { table, facts, item, values, document, columnsOf } = history;
  const written = merged.flatMap(({ eventId, written: rows }) =>
    rows.map(({ id, order, value, since }) => ({
      event_id: eventId,
      item_id: id,
      since,
      ...columnsOfOrder(facts, order),
      ...columnsOf(value),
    })),
  );
  if (written.length === 0) return;
  const names = namesOf(sql, [...facts.order, ...values, ...sinceColumns(history)]);
  const readable =
    document &&
    sql`cross join lateral jsonb_to_record(content) as readable (${fieldTypesOf(sql, document)})`;
  const insert = sql`
    insert into ${sql(table)} (event_id, ${item === undefined ? sql`` : sql`${sql(item)},`} ${names})
    select new.event_id, ${item === undefined ? sql`` : sql`item_id,`} ${names}
    from jsonb_to_recordset(${JSON.stringify(written)}::text::jsonb) as new (
      event_id text, item_id text, ${typesOf(sql, [...facts.order, ...values, ...SINCE])}
    )
    ${readable ?? sql``}
  `;
  await (withCurrent ? insertWithCurrent(sql, history, insert) : insert);
}

/** Of each thing the newest row is what it is now. */
function insertWithCurrent(sql: Sql, history: RowTable, insert: PendingQuery<Row[]>) {
  const { current, item, values, facts } = history;
  if (current === undefined || item === undefined) return insert;
  return sql`
    with written as (${insert} returning *)
    insert into ${sql(current.table)} (
      event_id, ${sql(item)}, ${namesOf(sql, values)}, changed_at
    )
    select distinct on (event_id, ${sql(item)})
      event_id, ${sql(item)}, ${namesOf(sql, values)}, ${sql(facts.seen)}
    from written
    order by event_id, ${sql(item)}, ${newestFirst(sql, facts, "written")}
    on conflict (event_id, ${sql(item)}) do update set
      ${takenOver(sql, values)}, changed_at = excluded.changed_at
  `;
}
