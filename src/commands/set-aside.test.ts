import { expect, test } from "bun:test";
import { freshDatabase } from "../../test/database.ts";
import { eventUpdated } from "../../test/facts.ts";
import { put, readDue, readOutboxState, refuse } from "../datacore/outbox.ts";
import { systemClock } from "../lib/clock.ts";
import { releaseRefused } from "./set-aside.ts";

test("what was refused on its way is tried again after a fix", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const now = systemClock.now();
  await put(sql, [eventUpdated()], now);
  const [waiting] = await readDue(sql, now, 10);
  await refuse(sql, waiting?.outboxId ?? "", now, "no such event type");
  expect(await readOutboxState(sql)).toMatchObject({ waiting: 0, refused: 1 });
  expect(await releaseRefused({ sql, clock: systemClock })).toEqual({ facts: 1, deliveries: 0 });
  expect(await readOutboxState(sql)).toMatchObject({ waiting: 1, refused: 0 });
  expect(await readDue(sql, systemClock.now(), 10)).toHaveLength(1);
});
