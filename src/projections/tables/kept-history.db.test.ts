import { expect, test } from "bun:test";
import { asRead, eventUpdated } from "../../../test/support/facts.ts";
import { applyPages, emptyRows, readAllRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";

const at = (hour: number) => new Date(Date.UTC(2026, 2, 1, hour)).toISOString();
const said = (eventId: string, name: string, updated: number, observed: number) =>
  asRead(eventUpdated({ eventId, name, updatedAt: at(updated), observedAt: at(observed) }));

test("an event in the page of another one's late fact, which is read from further back for it, loses nothing", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const known = said("e1", "Berlin", 2, 12);
  // It was said before the other one, and heard behind it: so the name is since the other one.
  const before = said("e1", "Berlin", 1, 15);
  // It cuts the time of that name in two.
  const between = said("e1", "Wien", 1.5, 16);
  const other = said("e2", "Oslo", 3, 16);
  await applyPages(sql, [[known], [before], [between, other]]);
  const rows = await readAllRows(sql);
  expect(rows.events.map(({ eventName }) => eventName)).toEqual(["Berlin", "Oslo"]);
  await emptyRows(sql);
  await applyPages(sql, [[before], [between], [known], [other]]);
  expect(await readAllRows(sql)).toEqual(rows);
});
