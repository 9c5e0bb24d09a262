import { expect, test } from "bun:test";
import { eventUpdated, ticketType } from "../../../test/support/facts.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { readEventsInRows } from "./event-state.ts";
import { rowsMemory } from "./remembered-rows.ts";
import { readKept, shownMemory } from "./shown-types.ts";

const described = (eventId: string) =>
  eventUpdated({
    eventId,
    ticketTypes: [ticketType(), ticketType({ ticketTypeId: "women" })],
  });

async function twoEvents() {
  const { sql } = await reusedDatabase();
  await applyKept(sql, [described("e1"), described("e2")]);
  return sql;
}

test("an event keeps its ticket types where others take its place in the memory while it is read", async () => {
  const sql = await twoEvents();
  // It has room for what is of one event: two ticket types, and that nothing else is there.
  const memory = rowsMemory(6);
  const read = async (eventIds: string[]) =>
    (await readEventsInRows(sql, eventIds, memory)).map(({ event, types }) => [
      event.eventId,
      types.length,
    ]);
  expect(await read(["e2"])).toEqual([["e2", 2]]);
  expect(await read(["e1", "e2"])).toEqual([
    ["e1", 2],
    ["e2", 2],
  ]);
});

test("what is known of shown rows is what was asked of, whatever is remembered when it is answered", async () => {
  const sql = await twoEvents();
  const { kept: memory } = shownMemory();
  const anew = await readKept(sql, ["e1"]);
  const [known] = anew.values();
  if (!known) throw new Error("the event has rows");
  memory.set("e1", known);
  const reading = readKept(sql, ["e1"], memory);
  // As a transaction leaves it that is rolled back.
  memory.set("e1", { ...known, digest: "another", types: new Map([["men", "another"]]) });
  expect(await reading).toEqual(anew);
});
