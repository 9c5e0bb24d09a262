import type { Sql } from "../../database/connect.ts";
import { changesBy } from "./change-list.ts";
import type { ChangeRow, RowMessage, RowPlace } from "./row-types.ts";

/** Where the rows stand: whoever follows them from here has all that comes after. */
export async function readNewestPlace(sql: Sql): Promise<RowPlace> {
  const [newest] = await sql<RowPlace[]>`
    select position::float8 as position, mark from row_message order by row_message.position desc limit 1
  `;
  if (!newest) throw new Error("no message of the rows is kept");
  return newest;
}

/** Whether the rows were ever told of so, by this database, and all that came after is kept. */
export async function isKeptPlace(sql: Sql, { position, mark }: RowPlace): Promise<boolean> {
  const found = await sql`select from row_message where position = ${position} and mark = ${mark}`;
  return found.length > 0;
}

interface MessageColumns extends Omit<RowMessage, "events" | "changes"> {
  eventIds: string[];
  changes: object[] | null;
}

/** What was told behind a position, in its order. */
export async function readRowMessages(
  sql: Sql,
  { after, limit }: { after: number; limit: number },
): Promise<RowMessage[]> {
  const found = await sql<MessageColumns[]>`
    select position::float8 as position, mark, kinds, accounts as regions, event_ids, changes
    from row_message where row_message.position > ${after}
    order by row_message.position limit ${limit}
  `;
  if (found.length === 0) return [];
  const [regionOf, changesOf] = await Promise.all([readRegions(sql, found), readTold(sql, found)]);
  return found.map(({ eventIds, changes, ...message }) => ({
    ...message,
    events: eventIds.map((eventId) => ({ eventId, region: regionOf.get(eventId) ?? null })),
    changes: (changes ?? []).map((_, index) => changesOf.get(`${message.position} ${index}`)),
  }));
}

async function readRegions(sql: Sql, messages: readonly MessageColumns[]) {
  const wanted = [...new Set(messages.flatMap(({ eventIds }) => eventIds))];
  const rows = await sql<{ eventId: string; account: string }[]>`
    select event_id, account from event where event_id = any(${wanted}::text[])
  `;
  return new Map(rows.map(({ eventId, account }) => [eventId, account]));
}

/** What is none any more by now is left out. */
async function readTold(sql: Sql, messages: readonly MessageColumns[]) {
  const told = messages.flatMap(({ position, changes }) =>
    (changes ?? []).map((change, index) => ({ ...change, place: `${position} ${index}` })),
  );
  if (told.length === 0) return new Map<string, ChangeRow>();
  return changesBy(sql, told);
}
