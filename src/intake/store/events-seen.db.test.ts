import { expect, test } from "bun:test";
import { eventUpdated } from "../../../test/support/facts.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { Sql } from "../../database/connect.ts";
import {
  isGone,
  isWatched,
  readAccountOf,
  readKnownEvents,
  readLosses,
  saveSeen,
  watchedAmong,
} from "./events-seen.ts";

const at = new Date("2026-03-01T10:00:00Z");

const see = (sql: Sql, account: string, eventId: string, deletedAt: Date | null = null) =>
  saveSeen(sql, account, {
    ...{ versionAt: at, observedAt: at, updatedAt: null, digest: "d", recorded: true },
    ...{ description: eventUpdated({ eventId }).payload, prices: null, deletedAt },
  });

test("an event is with the account that has it, and no more with one from which it is gone", async () => {
  const { sql } = await reusedDatabase();
  await see(sql, "DACH", "berlin");
  await see(sql, "FRANCE", "berlin", at);
  expect([...(await readLosses(sql, "FRANCE", "berlin"))]).toEqual([]);
  expect([...(await readLosses(sql, "DACH", "berlin"))]).toEqual([
    { account: "FRANCE", deletedAt: at },
  ]);
  expect([await isWatched(sql, "DACH", "berlin"), await isGone(sql, "DACH", "berlin")]).toEqual([
    ...[true, false],
  ]);
  expect([await isWatched(sql, "FRANCE", "berlin"), await isGone(sql, "FRANCE", "berlin")]).toEqual(
    [false, true],
  );
  expect([
    await isWatched(sql, "BENELUX", "berlin"),
    await isGone(sql, "BENELUX", "berlin"),
  ]).toEqual([false, false]);
});

test("an account's events are those that are not gone, in one order", async () => {
  const { sql } = await reusedDatabase();
  for (const eventId of ["c", "a", "b"]) await see(sql, "DACH", eventId);
  await see(sql, "DACH", "gone", at);
  await see(sql, "FRANCE", "paris");
  expect(await readKnownEvents(sql, "DACH")).toEqual(["a", "b", "c"]);
  expect(await watchedAmong(sql, "DACH", ["a", "gone", "paris", "b"])).toEqual(new Set(["a", "b"]));
  expect(await watchedAmong(sql, "DACH", [])).toEqual(new Set());
});

test("an event says whose it is while it is one account's alone, and moved away from others", async () => {
  const { sql } = await reusedDatabase();
  await see(sql, "DACH", "berlin");
  expect(await readAccountOf(sql, "berlin")).toBe("DACH");
  await see(sql, "FRANCE", "berlin");
  expect(await readAccountOf(sql, "berlin")).toBeUndefined();
  expect(await readAccountOf(sql, "nobody's")).toBeUndefined();
  await see(sql, "DACH", "paris", at);
  expect(await readAccountOf(sql, "paris")).toBe("DACH");
  await see(sql, "FRANCE", "paris");
  expect(await readAccountOf(sql, "paris")).toBe("FRANCE");
});
