import type { Sql } from "../../database/connect.ts";
import { type Column, namesOf, typesOf } from "../../database/table-columns.ts";
import { columnsOfOrder, type EventFacts, type FactTable } from "./history-tables.ts";

/** Which things of an event are looked at, and at each place the stamp of the row that is remembered of it. */
export interface WantedThings {
  ids: string[];
  stamps: (string | null)[];
}

const NOTHING: WantedThings = { ids: [], stamps: [] };

/** Where each event's facts begin to matter, as a table `start`. */
export const startsOf = (
  sql: Sql,
  facts: FactTable,
  events: readonly EventFacts[],
  wantedOf: (event: EventFacts) => WantedThings = () => NOTHING,
) => sql`
  jsonb_to_recordset(${JSON.stringify(
    events.map((event) => ({
      event_id: event.eventId,
      ...wantedOf(event),
      ...columnsOfOrder(facts, event.from),
    })),
  )}::text::jsonb) as start (
    event_id text, ids text[], stamps text[], ${typesOf(sql, facts.order)}
  )
`;

/** Stands where the event begins to matter, or behind that. */
export const isFromStart = (sql: Sql, { order }: FactTable, table: string) =>
  sql`(${namesOf(sql, order, table)}) >= (${startColumns(sql, order)})`;
export const isBeforeStart = (sql: Sql, { order }: FactTable, table: string) =>
  sql`(${namesOf(sql, order, table)}) < (${startColumns(sql, order)})`;

/** Keys are compared by their characters' codes, as this program compares them, in any database. */
const startColumns = (sql: Sql, order: readonly Column[]) =>
  sql.unsafe(
    order
      .map(({ name, type }) => `start."${name}"${type === "text" ? ' collate "C"' : ""}`)
      .join(", "),
  );
