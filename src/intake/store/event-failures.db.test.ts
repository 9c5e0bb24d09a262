import { expect, test } from "bun:test";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import {
  forgetEventFailure,
  noteEventFailure,
  readFailing,
  readFailingEvents,
} from "./event-failures.ts";

const at = new Date("2026-03-01T10:00:00Z");
const event = { account: "DACH", eventId: "berlin" };
const describing = { ...event, work: "describe" } as const;
const counting = { ...event, work: "count" } as const;
const error = new TypeError("nobody foresaw it");

test("what an event fails at is counted for each work by itself, and so are its pauses", async () => {
  const { sql } = await reusedDatabase();
  for (let n = 0; n < 4; n += 1) await noteEventFailure(sql, counting, { error, at });
  await noteEventFailure(sql, describing, { error, at });
  expect(await readFailingEvents(sql)).toMatchObject([
    { type: "count an event", failures: 4 },
    { type: "describe an event", failures: 1 },
  ]);
  const soon = new Date(at.getTime() + 60_000);
  expect(await readFailing(sql, "DACH", { work: "count", at: soon })).toEqual(
    new Map([["berlin", true]]),
  );
  expect(await readFailing(sql, "DACH", { work: "describe", at: soon })).toEqual(
    new Map([["berlin", false]]),
  );
});

test("an event that is described again may fail to be counted all the same", async () => {
  const { sql } = await reusedDatabase();
  for (const work of [describing, counting, { ...counting, account: "FRANCE" }])
    await noteEventFailure(sql, work, { error, at });
  await forgetEventFailure(sql, describing);
  expect(await readFailingEvents(sql)).toMatchObject([
    { account: "DACH", type: "count an event" },
    { account: "FRANCE", type: "count an event" },
  ]);
});
