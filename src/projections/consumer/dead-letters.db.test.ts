import { expect, test } from "bun:test";
import { factIdAt } from "../../../test/support/facts.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { Sql } from "../../database/connect.ts";
import {
  countDeadLetters,
  dropFacts,
  keepDeadLetters,
  type NewDeadLetter,
  readDeadFacts,
  readDueFacts,
} from "./dead-letters.ts";

const at = new Date("2026-03-01T10:00:00Z");
const later = (seconds: number) => new Date(at.getTime() + 1_000 * seconds);
const ids = [1, 2, 3].map((n) => factIdAt(at, n));
const [first = "", second = "", third = ""] = ids;

const letter = (factId: string, nextAttemptAt: Date | null): NewDeadLetter => ({
  ...{ factId, flowType: "vivenu.event.0", eventType: "event.updated.0" },
  ...{ timeBucket: "20260301100000", reason: "Error", nextAttemptAt },
});

/** Two are tried again by themselves, one waits for a person. */
async function stage(sql: Sql) {
  await keepDeadLetters(sql, [letter(first, later(5))], later(1));
  await keepDeadLetters(sql, [letter(second, later(3))], later(2));
  await keepDeadLetters(sql, [letter(third, null)], later(3));
}
const idsOf = (facts: readonly { id: string }[]) => facts.map(({ id }) => id);

test("a fact that fails is due when its time has come, the longest due first, and no more once it is dropped", async () => {
  const { sql } = await reusedDatabase();
  await stage(sql);
  expect(idsOf(await readDueFacts(sql, later(2), 10))).toEqual([]);
  expect(idsOf(await readDueFacts(sql, later(3), 10))).toEqual([second]);
  expect(idsOf(await readDueFacts(sql, later(5), 10))).toEqual([second, first]);
  expect(idsOf(await readDueFacts(sql, later(5), 1))).toEqual([second]);
  await dropFacts(sql, [second], later(6));
  expect(idsOf(await readDueFacts(sql, later(9), 10))).toEqual([first]);
});

test("dead letters are listed newest first, those that were asked for and nobody dropped", async () => {
  const { sql } = await reusedDatabase();
  await stage(sql);
  expect((await readDeadFacts(sql)).map(({ id, state }) => [id, state])).toEqual([
    [third, "dead"],
    [second, "failing"],
    [first, "failing"],
  ]);
  expect(idsOf(await readDeadFacts(sql, { ids: [first, "outbox-17"] }))).toEqual([first]);
  expect(idsOf(await readDeadFacts(sql, { ids: [] }))).toEqual([]);
  expect(idsOf(await readDeadFacts(sql, { limit: 2 }))).toEqual([third, second]);
  await dropFacts(sql, [third], later(6));
  expect(idsOf(await readDeadFacts(sql))).toEqual([second, first]);
  expect(idsOf(await readDeadFacts(sql, { all: true }))).toEqual([third, second, first]);
  expect(await countDeadLetters(sql)).toBe(2);
});
