import type { Sql } from "../../database/connect.ts";
import type { Fragment } from "./keyset.ts";
import { oneOf } from "./list-columns.ts";
import type { ChangesWanted } from "./row-types.ts";

const EARLIEST_MS = Date.parse("0001-01-01T00:00:00Z");
const LATEST_MS = Date.parse("9999-12-31T23:59:59Z");

/** Whoever asks may name an instant of a year that PostgreSQL is not written: nothing lies beyond these. */
const askable = (at: Date | number) =>
  new Date(Math.min(Math.max(Number(at), EARLIEST_MS), LATEST_MS));

/** What people read begins with it: `price of HYROX MEN`. An index is made of the same expression. */
export const plainField = (sql: Sql): Fragment => sql`split_part(change.field, ' of ', 1)`;

/** Of a level that nothing was known before nobody knows since when it is so. */
export const isFirstCount = (sql: Sql): Fragment => sql`(
  change.change_type in ('nearlySoldOut', 'soldOut', 'paused', 'reopened')
  and coalesce(change.previous_value, 'null') = 'null'
)`;

/** One that was found before there were ids has its own when its event is gone through again. */
export const changeId = (sql: Sql): Fragment => sql`
  coalesce(
    change.change_id,
    md5(concat_ws(' ', change.event_id, change.changed_at, change.sequence))
  ) collate "C"
`;

/** Which changes are wanted, as conditions over `event_change change`. */
export const changeFilters = (sql: Sql, wanted: ChangesWanted): Fragment => sql`
  true
  ${oneOf(sql, sql`change.event_id`, wanted.eventIds)}
  ${oneOf(sql, sql`change.account`, wanted.regions)}
  ${oneOf(sql, sql`change.subject_id`, wanted.ticketTypeIds)}
  ${wanted.ticketTypeIds ? sql`and change.change_type not in ('underShop', 'category')` : sql``}
  ${oneOf(sql, plainField(sql), wanted.fields)}
  ${oneOf(sql, sql`change.severity`, wanted.severities)}
  ${oneOf(sql, sql`change.change_type`, wanted.changeTypes)}
  ${ofClasses(sql, wanted)}
  ${ofWords(sql, wanted)}
  ${wanted.isWithoutFirstCounts ? sql`and not ${isFirstCount(sql)}` : sql``}
  ${wanted.since === undefined ? sql`` : sql`and change.changed_at >= ${askable(wanted.since)}`}
  ${wanted.until === undefined ? sql`` : sql`and change.changed_at < ${askable(wanted.until)}`}
  ${wanted.asOf === undefined ? sql`` : sql`and change.changed_at <= ${askable(wanted.asOf)}`}
  ${behind(sql, wanted)}
`;

function behind(sql: Sql, { after }: ChangesWanted) {
  if (!after) return sql``;
  const [changedAt, eventId, field, id] = after;
  return sql`
    and change.changed_at <= ${askable(changedAt)} and (
      change.changed_at < ${askable(changedAt)}
      or (change.event_id, change.field collate "C", ${changeId(sql)})
        > (${eventId}, ${field}, ${id})
    )
  `;
}

function ofClasses(sql: Sql, { classes }: ChangesWanted) {
  if (classes === undefined) return sql``;
  return sql`and exists (
    select from ticket_type_shown type
    where type.event_id = change.event_id and type.ticket_type_id = change.subject_id
      and type.class = any(${[...classes]}::text[])
  )`;
}

function ofWords(sql: Sql, { words }: ChangesWanted) {
  if (words === undefined) return sql``;
  const patterns = words.map((word) => `%${word}%`);
  // A ticket type's words hold its event's, and a word of each may be asked for.
  return sql`and (
    change.event_id in (
      select shown.event_id from event_shown shown where shown.search like all(${patterns}::text[])
    )
    or exists (
      select from ticket_type_shown type
      where type.event_id = change.event_id and type.ticket_type_id = change.subject_id
        and type.search like all(${patterns}::text[])
    )
  )`;
}
