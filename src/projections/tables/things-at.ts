import type { PendingQuery, Row } from "postgres";
import type { Sql } from "../../database/connect.ts";
import { type Column, namesOf, rowOf } from "../../database/table-columns.ts";
import { salesTable } from "./count-tables.ts";
import { salesOf } from "./counts.ts";
import { typesTable } from "./described-types.ts";
import { shopsTable } from "./description-tables.ts";
import { itemsOf, ticketTypes, underShops } from "./event-rows.ts";
import {
  type RememberedRow,
  type RememberedTable,
  type RowsMemory,
  readRemembered,
} from "./remembered-rows.ts";

/** An event's things as they were at an instant, each table's in its order. */
export type ThingsThen = Record<"types" | "sales" | "shops", RememberedRow[]>;

/** Of an event, by thing: its row as it was then, null where it was not there. */
type Others = ReadonlyMap<string, RememberedRow | null>;

/**
 * What hundreds of rows of each event said at an instant: what has not changed since is what it is now, which
 * is remembered, and only what has changed is looked up in the history. Undefined of an event whose things
 * were in another order then, which PostgreSQL alone knows. All of it has to be of one snapshot.
 */
export async function readThingsAt(
  tx: Sql,
  eventIds: readonly string[],
  { at, memory }: { at: Date; memory: RowsMemory },
): Promise<(eventId: string) => ThingsThen | undefined> {
  const read = (of: RememberedTable, others: Fragment, then: Fragment) =>
    readOthers(tx, of, { others, then });
  const ids = [...eventIds];
  const since = (table: string, item: string) => tx`
    select distinct event_id, ${tx(item)} from ${tx(table)}
    where event_id = any(${ids}::text[]) and version_at > ${at}
  `;
  const others = tx`others`;
  const [rowsOf, types, sales, shops] = await Promise.all([
    readRemembered(tx, [typesTable, salesTable, shopsTable], eventIds, memory),
    read(
      typesTable,
      since(ticketTypes.versions, ticketTypes.item),
      itemsOf(tx, others, ticketTypes, at),
    ),
    read(
      salesTable,
      tx`
        select event_id, ticket_type_id from ticket_type_sales
        where event_id = any(${ids}::text[]) and changed_at > ${at}
      `,
      salesOf(tx, others, at),
    ),
    read(
      shopsTable,
      since(underShops.versions, underShops.item),
      itemsOf(tx, others, underShops, at),
    ),
  ]);
  return (eventId) => {
    const then = (of: RememberedTable, found: ReadonlyMap<string, Others>) =>
      rowsThen(of, rowsOf(of, eventId), found.get(eventId));
    const things = {
      types: then(typesTable, types),
      sales: then(salesTable, sales),
      shops: then(shopsTable, shops),
    };
    return isKnown(things) ? things : undefined;
  };
}

const isKnown = (
  things: { [K in keyof ThingsThen]: ThingsThen[K] | undefined },
): things is ThingsThen => Object.values(things).every((rows) => rows !== undefined);

function rowsThen(
  { item, order }: RememberedTable,
  now: RememberedRow[],
  others: Others | undefined,
): RememberedRow[] | undefined {
  if (!others) return now;
  const rows: RememberedRow[] = [];
  for (const row of now) {
    // The cast: it is the thing's name.
    const then = others.get(row[item.field] as string);
    if (then === null) continue;
    if (then && order.some(({ field }) => then[field] !== row[field])) return undefined;
    rows.push(then ?? row);
  }
  return rows;
}

type Fragment = PendingQuery<Row[]>;

/** Of things that are `others` now than they were, as they were `then`. */
async function readOthers(
  sql: Sql,
  of: RememberedTable,
  { others, then }: { others: Fragment; then: Fragment },
): Promise<ReadonlyMap<string, Others>> {
  const list: Column[] = [of.item, ...of.columns()];
  const found = await sql<{ eventId: string; rows: unknown[][] }[]>`
    with others (event_id, item_id) as materialized (${others})
    select others.event_id, json_agg(json_build_array(
      others.item_id, said.event_id is not null, ${namesOf(sql, list, "said")}
    )) as rows
    from others
    left join (${then}) said
      on said.event_id = others.event_id and said.${sql(of.item.name)} = others.item_id
    group by others.event_id
  `.execute();
  return new Map(
    found.map(({ eventId, rows }) => [
      eventId,
      // The cast: the thing's name comes first.
      new Map(
        rows.map(([id, isThere, ...row]) => [id as string, isThere ? rowOf(list, row) : null]),
      ),
    ]),
  );
}
