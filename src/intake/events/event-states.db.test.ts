import { beforeEach, expect, test } from "bun:test";
import { EVENT_ID, eventOf, MINUTE, NOON, readPayloads } from "../../../test/support/intake.ts";
import { emptiedDatabase } from "../../../test/support/reused-database.ts";
import { cellsOf, type StateTable } from "../../../test/support/state-table.ts";
import { readSeen } from "../store/events-seen.ts";
import { type Outcome, recordDeletion, recordEvent } from "./record-event.ts";

/**
 * - `unknown`   never seen
 * - `known`     the log says last what was seen last
 * - `restated`  what was seen last says under a newer time of change what the log says under an older one
 * - `misdated`  its time of change cannot be believed, so it counts from when it was observed
 * - `gone`      deleted in this account, whether or not another one has it
 */
type State = "unknown" | "known" | "restated" | "misdated" | "gone";

/** By which door: a delivery may be hours old, an answer of the API says how the event is. */
type Door = "webhook" | "api";

/**
 * - `same`           the same content under the same time of change
 * - `same later`     the same content under a newer time of change
 * - `news`           another content under a newer time of change
 * - `contradiction`  another content under the same time of change
 * - `older`          another content under an older time of change
 * - `gone`           `event.deleted`, or a 404
 */
type Reading = "same" | "same later" | "news" | "contradiction" | "older" | "gone";

interface Expected {
  outcome: Outcome | "deleted" | "known to be gone";
  next: State;
  /** Which contents are put on their way to the log, and under which minute of change. */
  said: string[];
}

const is = (outcome: Expected["outcome"], next: State, ...said: string[]): Expected => ({
  ...{ outcome, next, said },
});
const table: StateTable<State, `${Door} ${Reading}`, Expected> = {
  unknown: {
    "webhook same": is("recorded", "known", "A 10"),
    "webhook same later": is("recorded", "known", "A 15"),
    "webhook news": is("recorded", "known", "B 15"),
    "webhook contradiction": is("recorded", "known", "B 10"),
    "webhook older": is("recorded", "known", "B 5"),
    "webhook gone": is("deleted", "gone", "A 10"),
    "api same": is("recorded", "known", "A 10"),
    "api same later": is("recorded", "known", "A 15"),
    "api news": is("recorded", "known", "B 15"),
    "api contradiction": is("recorded", "known", "B 10"),
    "api older": is("recorded", "known", "B 5"),
    "api gone": is("deleted", "unknown"),
  },
  known: {
    "webhook same": is("unchanged", "known"),
    "webhook same later": is("unchanged", "restated"),
    "webhook news": is("recorded", "known", "B 15"),
    "webhook contradiction": is("doubtful", "known", "B 10"),
    "webhook older": is("doubtful", "known", "B 5"),
    "webhook gone": is("deleted", "gone"),
    "api same": is("unchanged", "known"),
    "api same later": is("unchanged", "restated"),
    "api news": is("recorded", "known", "B 15"),
    "api contradiction": is("recorded", "known", "B 10"),
    "api older": is("doubtful", "known", "B 5"),
    "api gone": is("deleted", "gone"),
  },
  restated: {
    "webhook same": is("unchanged", "restated"),
    "webhook same later": is("unchanged", "restated"),
    "webhook news": is("recorded", "known", "B 15"),
    "webhook contradiction": is("doubtful", "known", "B 12"),
    "webhook older": is("doubtful", "known", "B 5", "A 12"),
    "webhook gone": is("deleted", "gone"),
    "api same": is("unchanged", "restated"),
    "api same later": is("unchanged", "restated"),
    "api news": is("recorded", "known", "B 15"),
    "api contradiction": is("recorded", "known", "B 12"),
    "api older": is("doubtful", "known", "B 5", "A 12"),
    "api gone": is("deleted", "gone"),
  },
  misdated: {
    "webhook same": is("unchanged", "misdated"),
    "webhook same later": is("recorded", "known", "A 15"),
    "webhook news": is("recorded", "known", "B 15"),
    "webhook contradiction": is("doubtful", "misdated", "B seen 20"),
    "webhook older": is("doubtful", "misdated", "B 5"),
    "webhook gone": is("deleted", "gone"),
    "api same": is("unchanged", "misdated"),
    "api same later": is("recorded", "known", "A 15"),
    "api news": is("recorded", "known", "B 15"),
    "api contradiction": is("recorded", "misdated", "B seen 20"),
    "api older": is("recorded", "known", "B seen 20"),
    "api gone": is("deleted", "gone"),
  },
  gone: {
    "webhook same": is("doubtful", "gone"),
    "webhook same later": is("doubtful", "gone"),
    "webhook news": is("doubtful", "gone", "B 15"),
    "webhook contradiction": is("doubtful", "gone", "B 10"),
    "webhook older": is("doubtful", "gone", "B 5"),
    "webhook gone": is("known to be gone", "gone"),
    "api same": is("recorded", "known", "A 10"),
    "api same later": is("recorded", "known", "A 15"),
    "api news": is("recorded", "known", "B 15"),
    "api contradiction": is("recorded", "known", "B 10"),
    "api older": is("recorded", "known", "B 5"),
    "api gone": is("known to be gone", "gone"),
  },
};

const database = emptiedDatabase();
beforeEach(async () => {
  await database.sql`truncate seller, event_currency, event_seen, outbox`;
});

const at = (minutes: number) => new Date(NOON.getTime() + minutes * MINUTE);

const read = (door: Door, name: string, updatedAt: Date, observedAt: Date) =>
  database.sql.begin((tx) =>
    recordEvent(tx, {
      ...{ account: "DACH", source: door === "api" ? "poll" : "webhook", observedAt },
      event: eventOf({ name, updatedAt: updatedAt.toISOString() }),
    }),
  );

const remove = (door: Door, observedAt: Date) =>
  database.sql.begin((tx) =>
    recordDeletion(tx, {
      ...{ account: "DACH", source: door === "api" ? "poll" : "webhook", observedAt },
      ...{ eventId: EVENT_ID, name: null },
      // A webhook says what it was, a 404 does not.
      ...(door === "webhook" && {
        event: eventOf({ name: "A", updatedAt: at(10).toISOString() }),
      }),
    }),
  );

/** A clock of 2031. */
const AHEAD = new Date("2031-01-01T00:00:00Z");

/** What the newest that is known in each state says of its own time. */
const changedAt: Record<State, Date> = {
  unknown: at(10),
  known: at(10),
  restated: at(12),
  misdated: AHEAD,
  gone: at(10),
};

async function bring(state: State) {
  if (state === "unknown") return;
  await read("api", "A", state === "restated" ? at(10) : changedAt[state], at(11));
  if (state === "restated") await read("api", "A", changedAt[state], at(13));
  if (state === "gone") await remove("api", at(13));
}

async function stateNow(): Promise<State> {
  const seen = await readSeen(database.sql, "DACH", EVENT_ID);
  if (!seen) return "unknown";
  if (seen.deletedAt) return "gone";
  if (seen.description.unreadable?.includes("updatedAt")) return "misdated";
  return seen.recorded ? "known" : "restated";
}

async function observe(state: State, door: Door, reading: Reading): Promise<Expected["outcome"]> {
  const own = changedAt[state];
  switch (reading) {
    case "same":
      return read(door, "A", own, at(20));
    case "same later":
      return read(door, "A", at(15), at(20));
    case "news":
      return read(door, "B", at(15), at(20));
    case "contradiction":
      return read(door, "B", own, at(20));
    case "older":
      return read(door, "B", at(5), at(20));
    case "gone":
      return (await remove(door, at(20))) ? "deleted" : "known to be gone";
  }
}

async function saidSince(before: number) {
  const facts = (await readPayloads(database.sql, "event.updated.0")).slice(before);
  return facts.map(({ name, updatedAt, observedAt }) => {
    const minute = (time: string) => (Date.parse(time) - NOON.getTime()) / MINUTE;
    return `${name} ${updatedAt === null ? `seen ${minute(observedAt)}` : minute(updatedAt)}`;
  });
}

test.each(cellsOf(table))("an event that is $state: $input", async ({ state, input, expected }) => {
  const [door, ...words] = input.split(" ");
  // The casts: the key of a cell is made of these two.
  await bring(state);
  expect(await stateNow()).toBe(state);
  const before = (await readPayloads(database.sql, "event.updated.0")).length;
  const outcome = await observe(state, door as Door, words.join(" ") as Reading);
  const said = await saidSince(before);
  expect({ outcome, next: await stateNow(), said }).toEqual(expected);
});
