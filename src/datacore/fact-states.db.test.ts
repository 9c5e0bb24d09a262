import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { fakeClock, recordingLog } from "../../test/fixtures/vivenu/scripted.ts";
import type { TestDatabase } from "../../test/support/database.ts";
import { eventUpdated } from "../../test/support/facts.ts";
import { reusedDatabase } from "../../test/support/reused-database.ts";
import { cellsOf, type StateTable } from "../../test/support/state-table.ts";
import type { Pool } from "../database/connect.ts";
import { Failure } from "../lib/failure.ts";
import type { Datacore } from "./datacore.ts";
import { dropUnsent, releaseUnsent } from "./dead-facts.ts";
import { confirm, enqueue } from "./outbox.ts";
import { KEEP_CONFIRMED_MS, outboxRelay } from "./outbox-relay.ts";

/**
 * - `absent`     not in the outbox, or not any more
 * - `waiting`    it was never tried
 * - `postponed`  Flowcore did not answer, or lacks its event type: it is tried again
 * - `failing`    sending it failed as nobody foresaw: it is tried four times more
 * - `sent`       Flowcore answered that it took it, which does not mean that it is stored
 * - `confirmed`  the consumer read it back
 * - `dead`       Flowcore refuses it: a dead letter
 * - `dropped`    a person decided that it is not wanted
 */
type State =
  | "absent"
  | "waiting"
  | "postponed"
  | "failing"
  | "sent"
  | "confirmed"
  | "dead"
  | "dropped";

/**
 * - `enqueued`         it is recorded, or recorded once more under the same key
 * - `taken`, `no answer`, `no such type`, `refused`, `fails`  what Flowcore says when its turn comes
 * - `read back`   the consumer meets it in the log
 * - `retry`, `drop`  what a person does with `set-aside`
 * - `a week`      passes
 */
type Input =
  | "enqueued"
  | "taken"
  | "no answer"
  | "no such type"
  | "refused"
  | "fails"
  | "read back"
  | "retry"
  | "drop"
  | "a week";

const everything = <Expected>(expected: Expected) => ({
  ...{ enqueued: expected, taken: expected, "no answer": expected, "no such type": expected },
  ...{ refused: expected, fails: expected, "read back": expected, retry: expected },
  ...{ drop: expected, "a week": expected },
});

/** What the relay may do with one that it may send. */
const carried = {
  taken: "sent",
  refused: "dead",
  fails: "failing",
  "read back": "confirmed",
  drop: "dropped",
} as const;

const table: StateTable<State, Input, State> = {
  absent: { ...everything("absent"), enqueued: "waiting" },
  waiting: {
    ...carried,
    enqueued: "waiting",
    "no answer": "postponed",
    "no such type": "postponed",
    retry: "waiting",
    "a week": "waiting",
  },
  postponed: {
    ...carried,
    enqueued: "postponed",
    "no answer": "postponed",
    "no such type": "postponed",
    retry: "waiting",
    "a week": "postponed",
  },
  failing: {
    ...carried,
    enqueued: "failing",
    "no answer": "failing",
    "no such type": "failing",
    retry: "waiting",
    "a week": "failing",
  },
  sent: {
    ...carried,
    enqueued: "sent",
    "no answer": "sent",
    "no such type": "sent",
    retry: "sent",
    "a week": "sent",
  },
  confirmed: { ...everything("confirmed"), "a week": "absent" },
  dead: { ...everything("dead"), "read back": "confirmed", retry: "waiting", drop: "dropped" },
  dropped: { ...everything("dropped"), "read back": "confirmed", retry: "waiting" },
};

let database: TestDatabase;
beforeAll(async () => {
  database = await reusedDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  await database.sql`truncate outbox restart identity`;
});

const FACT = eventUpdated({ name: "a" });
const ID = "outbox-1";
const HOUR_MS = 3_600_000;

function stage(sql: Pool) {
  const clock = fakeClock("2026-03-01T10:00:00.000Z");
  /** A relay that has just been started, when everything that waits is due. */
  async function carry(answer: () => Promise<string>) {
    await clock.pause(2 * HOUR_MS);
    const step = outboxRelay({
      // The cast: a relay only appends.
      datacore: { append: answer } as Pick<Datacore, "append"> as Datacore,
      ...{ sql, clock, logger: recordingLog().logger, check: async () => {} },
      ...{ concurrency: 1, batchSize: 50, unconfirmedMs: HOUR_MS },
      ...{ keepConfirmedMs: KEEP_CONFIRMED_MS, onSent: () => {} },
    });
    await step();
  }
  const failing = (error: Error) => () => carry(() => Promise.reject(error));
  const give: Record<Input, () => Promise<unknown>> = {
    enqueued: () => enqueue(sql, [FACT], clock.now()),
    taken: () => carry(async () => "an id"),
    "no answer": failing(new Failure("unavailable", "503", { status: 503 })),
    "no such type": failing(new Failure("refused", "404", { status: 404 })),
    refused: failing(new Failure("refused", "400", { status: 400 })),
    fails: failing(new TypeError("nobody foresaw it")),
    "read back": () => confirm(sql, [FACT.payload.idempotencyKey], clock.now()),
    retry: () => releaseUnsent(sql, [ID], clock.now()),
    drop: () => dropUnsent(sql, [ID], clock.now()),
    "a week": async () => {
      await clock.pause(KEEP_CONFIRMED_MS);
      // So that nothing but time passes: of what is due nothing is changed.
      await failing(new Failure("refused", "401", { status: 401 }))().catch(() => {});
    },
  };
  return give;
}

const comesTo: Record<State, Input[]> = {
  absent: [],
  waiting: ["enqueued"],
  postponed: ["enqueued", "no answer"],
  failing: ["enqueued", "fails"],
  sent: ["enqueued", "taken"],
  confirmed: ["enqueued", "read back"],
  dead: ["enqueued", "refused"],
  dropped: ["enqueued", "drop"],
};

async function stateOf(sql: Pool): Promise<State> {
  const [row] = await sql<
    {
      confirmed: boolean;
      dropped: boolean;
      refused: boolean;
      sent: boolean;
      failures: number;
      attempts: number;
    }[]
  >`
    select
      confirmed_at is not null as confirmed, dropped_at is not null as dropped,
      refused_at is not null as refused, sent_at is not null as sent, failures, attempts
    from outbox
  `;
  if (!row) return "absent";
  if (row.confirmed) return "confirmed";
  if (row.dropped) return "dropped";
  if (row.refused) return "dead";
  if (row.failures > 0) return "failing";
  if (row.sent) return "sent";
  return row.attempts > 0 ? "postponed" : "waiting";
}

test.each(cellsOf(table))("a fact that is $state: $input", async ({ state, input, expected }) => {
  const give = stage(database.sql);
  for (const one of comesTo[state]) await give[one]();
  expect(await stateOf(database.sql)).toBe(state);
  await give[input]();
  expect(await stateOf(database.sql)).toBe(expected);
});
