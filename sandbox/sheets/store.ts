import type postgres from "postgres";
import { newSpreadsheet, type Row, type Sheet, type Spreadsheet } from "./document.ts";

export interface Store {
  load(spreadsheetId: string): Promise<Spreadsheet>;
  /** Writes what differs between two versions of a spreadsheet, in one transaction. */
  save(before: Spreadsheet | undefined, after: Spreadsheet): Promise<void>;
  /** The private key of a service account, made by `create` the first time. */
  keyOf(email: string, create: () => Promise<string>): Promise<string>;
}

/**
 * Rows are kept as JSON text and not as jsonb, which refuses some characters that a cell may hold.
 * Column names are single words, because the pool that is given may read names in camel case.
 */
export async function openStore(sql: postgres.Sql): Promise<Store> {
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext('sandbox sheets'))`;
    await tx`create schema if not exists sheets`;
    await tx`create table if not exists sheets.account (email text primary key, key text not null)`;
    await tx`create table if not exists sheets.spreadsheet (id text primary key, state text not null)`;
    await tx`
      create table if not exists sheets.tab (
        spreadsheet  text not null references sheets.spreadsheet on delete cascade,
        id           bigint not null,
        position     int not null,
        state        text not null,
        primary key (spreadsheet, id)
      )
    `;
    await tx`
      create table if not exists sheets.row (
        spreadsheet  text not null,
        tab          bigint not null,
        position     int not null,
        cells        text not null,
        primary key (spreadsheet, tab, position),
        foreign key (spreadsheet, tab) references sheets.tab on delete cascade
      )
    `;
  });
  return { load, save, keyOf };

  async function load(id: string): Promise<Spreadsheet> {
    const [found] = await sql`select state from sheets.spreadsheet where id = ${id}`;
    if (!found) {
      const fresh = newSpreadsheet(id);
      await save(undefined, fresh);
      return fresh;
    }
    const tabs = await sql`
      select id, state from sheets.tab where spreadsheet = ${id} order by position
    `;
    const rows = await sql`select tab, position, cells from sheets.row where spreadsheet = ${id}`;
    const sheets = new Map<string, Sheet>(
      tabs.map((tab) => [
        String(tab.id),
        { filterViews: [], tables: [], developerMetadata: [], ...JSON.parse(tab.state), rows: [] },
      ]),
    );
    for (const { tab, position, cells } of rows) {
      const sheet = sheets.get(String(tab));
      if (sheet) sheet.rows[position] = JSON.parse(cells);
    }
    return { spreadsheetId: id, ...JSON.parse(found.state), sheets: [...sheets.values()] };
  }

  async function save(before: Spreadsheet | undefined, after: Spreadsheet) {
    const { spreadsheetId: id, sheets, ...state } = after;
    const kept = sheets.map(({ properties }) => properties.sheetId);
    await sql.begin(async (tx) => {
      await tx`
        insert into sheets.spreadsheet (id, state) values (${id}, ${JSON.stringify(state)})
        on conflict (id) do update set state = excluded.state
      `;
      await tx`delete from sheets.tab where spreadsheet = ${id} and id <> all(${kept}::bigint[])`;
      for (const [position, { rows, ...tab }] of sheets.entries()) {
        const { sheetId } = tab.properties;
        await tx`
          insert into sheets.tab (spreadsheet, id, position, state)
          values (${id}, ${sheetId}, ${position}, ${JSON.stringify(tab)})
          on conflict (spreadsheet, id) do update set position = excluded.position, state = excluded.state
        `;
        const changes = changedRows(sheetWith(before, sheetId)?.rows ?? [], rows);
        await tx`
          insert into sheets.row (spreadsheet, tab, position, cells)
          select ${id}, ${sheetId}, changed.position, changed.cells
          from unnest(
            ${changes.map((change) => change.position)}::int[],
            ${changes.map((change) => JSON.stringify(change.row ?? []))}::text[]
          ) as changed(position, cells)
          on conflict (spreadsheet, tab, position) do update set cells = excluded.cells
        `;
      }
    });
  }

  async function keyOf(email: string, create: () => Promise<string>): Promise<string> {
    const [found] = await sql`select key from sheets.account where email = ${email}`;
    if (found) return found.key;
    const key = await create();
    await sql`insert into sheets.account (email, key) values (${email}, ${key}) on conflict do nothing`;
    return keyOf(email, create);
  }
}

const sheetWith = (spreadsheet: Spreadsheet | undefined, sheetId: number) =>
  spreadsheet?.sheets.find(({ properties }) => properties.sheetId === sheetId);

/** Rows are replaced and never changed in place, so one that is the same object is the same row. */
function changedRows(before: Sheet["rows"], after: Sheet["rows"]) {
  const changes: { position: number; row: Row | undefined }[] = [];
  for (let position = 0; position < Math.max(before.length, after.length); position += 1) {
    if (before[position] !== after[position]) changes.push({ position, row: after[position] });
  }
  return changes;
}
