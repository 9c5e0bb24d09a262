import { describe, expect, test } from "bun:test";
import {
  EVENT_ID,
  eventOf,
  MINUTE,
  NOON,
  project,
  readFacts,
} from "../../../test/support/intake.ts";
import { emptiedDatabase, emptyTables } from "../../../test/support/reused-database.ts";
import { readMigrations } from "../../database/migrate.ts";
import { createLogger } from "../../lib/logger.ts";
import { readUnreadableEvents } from "../../projections/queries/unreadable-events.ts";
import { type Outcome, recordEvent, warnOfClock } from "./record-event.ts";

const database = emptiedDatabase();

const at = (minutes: number) => new Date(NOON.getTime() + minutes * MINUTE);
const AHEAD = "2031-01-01T00:00:00.000Z";

const read = (
  source: "webhook" | "poll",
  { name, updatedAt }: { name: string; updatedAt: string },
  minutes: number,
): Promise<Outcome> =>
  database.sql.begin((tx) =>
    recordEvent(tx, {
      ...{ account: "DACH", source, observedAt: at(minutes) },
      event: eventOf({ name, updatedAt }),
    }),
  );

/** What a reader of the log takes the event for, in whichever order the facts come to it. */
async function shown() {
  const { sql } = database;
  const names = new Set<string>();
  const facts = await readFacts(sql);
  for (const sequence of [facts, facts.toReversed()]) {
    await emptyTables(
      sql,
      `
    event, event_version, event_head_version, event_deletion, ticket_type,
        ticket_type_version, under_shop, under_shop_version, named_set
    `,
    );
    await project(sql, sequence);
    const rows = await sql<{ name: string }[]>`select name from event`;
    for (const { name } of rows) names.add(name);
  }
  return [...names];
}

const named = async () => (await readUnreadableEvents(database.sql)).map((one) => one.unreadable);

describe("a webhook whose time of change is years ahead", () => {
  const wrong = { name: "by a wrong clock", updatedAt: AHEAD };

  test("is shown until Vivenu's API has its say, which is asked for at once", async () => {
    await read("poll", { name: "A", updatedAt: at(0).toISOString() }, 1);
    expect(await read("webhook", wrong, 2)).toBe("doubtful");
    expect(await shown()).toEqual(["by a wrong clock"]);
    expect(await named()).toEqual([["updatedAt"]]);
  });

  test("loses to what the API says later, even if it was changed long before", async () => {
    const long = { name: "A", updatedAt: at(-60 * 24 * 90).toISOString() };
    await read("poll", long, 1);
    await read("webhook", wrong, 2);
    expect(await read("poll", long, 3)).toBe("recorded");
    expect(await shown()).toEqual(["A"]);
    expect(await named()).toEqual([]);
    expect(await read("poll", long, 4)).toBe("unchanged");
    expect(await read("webhook", { name: "B", updatedAt: at(5).toISOString() }, 6)).toBe(
      "recorded",
    );
    expect(await shown()).toEqual(["B"]);
  });

  test("does not lose to an answer that was asked for before", async () => {
    await read("webhook", wrong, 2);
    expect(await read("poll", { name: "A", updatedAt: at(0).toISOString() }, 1)).toBe("doubtful");
    expect(await shown()).toEqual(["by a wrong clock"]);
  });

  test("loses to the next webhook, and to the next poll", async () => {
    await read("webhook", wrong, 2);
    await read("webhook", { name: "B", updatedAt: at(3).toISOString() }, 4);
    expect(await shown()).toEqual(["B"]);
    await read("poll", { name: "C", updatedAt: at(5).toISOString() }, 6);
    expect(await shown()).toEqual(["C"]);
  });
});

test("while Vivenu's API says it, what it says last is shown and its clock is named", async () => {
  await read("poll", { name: "A", updatedAt: AHEAD }, 1);
  await read("poll", { name: "B", updatedAt: AHEAD }, 2);
  expect(await shown()).toEqual(["B"]);
  expect(await read("poll", { name: "A", updatedAt: AHEAD }, 3)).toBe("recorded");
  expect(await shown()).toEqual(["A"]);
  expect(await read("poll", { name: "A", updatedAt: AHEAD }, 4)).toBe("unchanged");
  expect(await named()).toEqual([["updatedAt"]]);
  await read("poll", { name: "A", updatedAt: at(0).toISOString() }, 5);
  expect(await shown()).toEqual(["A"]);
  expect(await named()).toEqual([]);
});

test("an event that an older program kept as of years ahead gives way to what the API says", async () => {
  const { sql } = database;
  const before = { name: "A", updatedAt: at(-60).toISOString() };
  await read("webhook", { ...before, name: "by a wrong clock" }, 2);
  await sql`update event_seen set version_at = ${AHEAD}`;
  for (const { name, statements } of await readMigrations())
    if (/^002[23]_(unbelieved|believed)/.test(name)) await sql.unsafe(statements);
  expect(await read("poll", before, 3)).toBe("recorded");
  const [seen] = await sql`select description ->> 'name' as name from event_seen`;
  expect(seen?.name).toBe("A");
  expect(await read("poll", before, 4)).toBe("unchanged");
});

test("the log is told once of each description whose clock cannot be right", () => {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger("warn", { write: (line) => void lines.push(JSON.parse(line)) });
  const reading = { account: "DACH", source: "poll" as const, observedAt: at(2) };
  const ahead = { ...reading, event: eventOf({ updatedAt: AHEAD }) };
  const right = { ...reading, event: eventOf({ updatedAt: at(1).toISOString() }) };
  warnOfClock(logger, right, "recorded");
  warnOfClock(logger, ahead, "unchanged");
  expect(lines).toEqual([]);
  warnOfClock(logger, ahead, "recorded");
  expect(lines).toMatchObject([
    { event: "event.clock_wrong", account: "DACH", eventId: EVENT_ID, updatedAt: AHEAD },
  ]);
});
