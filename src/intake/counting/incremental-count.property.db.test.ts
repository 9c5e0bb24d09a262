import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  EVENTS,
  GARBLED,
  people,
  type Step,
  stepsWith,
} from "../../../test/fixtures/vivenu/histories.ts";
import { fates, webhookLine } from "../../../test/fixtures/vivenu/line.ts";
import { modelVivenu } from "../../../test/fixtures/vivenu/model.ts";
import type { TestDatabase } from "../../../test/support/database.ts";
import { asRead } from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { applyPages, emptyRows, readAllRows } from "../../../test/support/given.ts";
import {
  clientFor,
  eventJson,
  HOUR,
  handClock,
  hyrox,
  logger,
  MINUTE,
  never,
  pace,
  readCounts,
  readFacts,
  receiver,
  SECOND,
} from "../../../test/support/intake.ts";
import { emptyTables, reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import { numbersOf, toldBy } from "../../../test/support/told.ts";
import { poller } from "../polling/poller.ts";
import { recounts } from "../polling/recount-loop.ts";
import { translator } from "../webhooks/translate.ts";
import { defaultIncremental } from "./incremental-settings.ts";

interface Way {
  /** What we do by ourselves; `loops` is the translator and the recounts. */
  ours: string[];
  /** In what the process dies. */
  dying: "loops" | "poll";
  /** By what the last counts come. */
  lasts: string[];
  /** Whether webhooks come at all. */
  isListening: boolean;
}

const polls = ["changes", "full", "countChanges"];
const ways: Record<"recounts" | "polls" | "mix", Way> = {
  recounts: {
    ...{ ours: ["wait", "loops", "loops", "crash"], dying: "loops" },
    ...{ lasts: ["webhooks"], isListening: true },
  },
  polls: {
    ...{ ours: ["wait", "wait", ...polls, "crash"], dying: "poll" },
    ...{ lasts: polls, isListening: false },
  },
  mix: {
    ...{ ours: ["wait", "loops", "loops", ...polls, "crash"], dying: "poll" },
    ...{ lasts: [...polls, "webhooks"], isListening: true },
  },
};

const historyOf = ({ ours, lasts, isListening }: Way) =>
  fc.record({
    steps: fc.array(stepsWith(ours), { minLength: 5, maxLength: 30 }),
    /** What is done while our requests are under way. */
    meanwhile: fc.array(stepsWith(["wait"]), { maxLength: 12 }),
    order: fc.constantFrom("newest" as const, "oldest" as const, "shuffled" as const),
    pageSize: fc.constantFrom(3, 10, 1_000),
    fates: isListening ? fates : fc.constant([[]]),
    /** The account is polled once before anything else. */
    polledFirst: fc.boolean(),
    last: fc.constantFrom(...lasts),
  });

type History = ReturnType<typeof historyOf> extends fc.Arbitrary<infer T> ? T : never;

let database: TestDatabase;
beforeAll(async () => {
  database = await reusedDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

type Given = Pick<History, "meanwhile" | "order" | "pageSize" | "fates">;

function playHistory({ dying }: Way, { meanwhile, order, pageSize, fates }: Given) {
  const { sql } = database;
  const clock = handClock();
  const waiting = [...meanwhile];
  let dieAt: number | undefined;
  const line = webhookLine({ now: clock.now, fates, send: receiver({ sql, clock }).send });
  const model = modelVivenu({
    now: clock.now,
    order,
    onWebhook: line.emit,
    onRequest: async (number) => {
      if (dieAt !== undefined && number >= dieAt) throw new Error("the process dies");
      const next = number % 3 === 2 ? waiting.shift() : undefined;
      if (!next) return;
      clock.forward(Math.min(next.ms, MINUTE));
      act(next);
      await line.deliver();
      await translateAll();
    },
  });
  const { act, isOutOfSight } = watched(model);
  const client = clientFor({
    baseUrl: "https://vivenu.example.com",
    clock,
    fetch: (url) => model.fetch(url).catch(() => new Response("", { status: 400 })),
  });
  const polling = () =>
    poller({
      ...{ sql, filter: hyrox, pageSize, cutoffMs: 2 * SECOND, clock, logger },
      incremental: defaultIncremental,
    });
  const translate = translator({ sql, filter: hyrox, pace, clock, logger });
  for (const [index, _id] of EVENTS.entries())
    model.putEvent({ ...eventJson(), _id, name: `HYROX ${index}` });

  async function translateAll() {
    while ((await translate()) === "more");
  }

  async function loops() {
    await line.deliver();
    await translateAll();
    const clients = new Map([["DACH", client]]);
    const count = recounts({ sql, clients, poller: polling(), pace, clock, logger, signal: never });
    while ((await count()) === "more");
  }

  async function we({ does, ticket }: Pick<Step, "does" | "ticket">) {
    const { pollAccount, countChanges } = polling();
    const acts: Record<string, () => Promise<unknown>> = {
      loops,
      changes: () => pollAccount(client, never, { mode: "changes" }),
      full: () => pollAccount(client, never),
      countChanges: () =>
        countChanges(client, never, { overlapMs: MINUTE, withEvents: ticket % 2 === 0 }),
      async crash() {
        dieAt = model.urls.length + (ticket % 7);
        if (dying === "loops") await loops();
        else await pollAccount(client, never, { mode: ticket % 2 ? "full" : "changes" });
        dieAt = undefined;
      },
    };
    await acts[does]?.().catch(() => {});
  }

  /** Whatever was lost before, the last that happens to each event is told, if by sending it again. */
  async function tellLast() {
    line.mend();
    for (const eventId of EVENTS) {
      const event = model.events.get(eventId);
      if (event) model.putEvent(event);
      else line.emit("event.deleted", { event: { ...eventJson(), _id: eventId } });
    }
    await loops();
    for (const [event, eventId] of EVENTS.entries())
      if (model.events.has(eventId)) act({ does: "sell", event, type: 0, ticket: 0, ms: 0 });
  }

  return {
    model,
    line,
    clock,
    we,
    async take(step: Step) {
      clock.forward(step.ms);
      act(step);
      await line.deliver();
      await we(step);
    },
    async quiet(wanted: string) {
      // What changes do not show, a full poll finds by what is not there any more.
      const last = isOutOfSight() && wanted !== "webhooks" ? "full" : wanted;
      waiting.length = 0;
      clock.forward(HOUR);
      if (last === "webhooks") await tellLast();
      // The first reading of an account is a poll.
      else if (last === "countChanges") await we({ does: "changes", ticket: 0 });
      clock.forward(MINUTE);
      await we({ does: last, ticket: 0 });
      // What is two hours late comes after all that, and may be followed by another count.
      for (let i = 0; i < 6; i += 1) {
        await loops();
        clock.forward(pace.intervalMs + MINUTE);
      }
    },
  };
}

/**
 * People, and whether a ticket of theirs went from one event to another that was then deleted: no list of
 * changes has it any more, so that the first event seems to have it still.
 */
function watched(model: ReturnType<typeof modelVivenu>) {
  const act = people(model);
  const events = new Map<string, string>();
  const moved = new Set<string>();
  let isOutOfSight = false;
  return {
    isOutOfSight: () => isOutOfSight,
    act(step: Step) {
      act(step);
      for (const { _id, eventId } of model.tickets.values()) {
        if ((events.get(_id) ?? eventId) !== eventId) moved.add(_id);
        events.set(_id, eventId);
        if (moved.has(_id) && !model.events.has(eventId)) isOutOfSight = true;
      }
    },
  };
}

test.each([
  ["recounts only", "recounts" as const],
  ["scheduled polls only", "polls" as const],
  ["any mix of them, with lost, repeated and late webhooks", "mix" as const],
])(
  "after quiet the log says what Vivenu has, through %s",
  (_what, way) =>
    fc.assert(
      fc.asyncProperty(historyOf(ways[way]), async ({ steps, polledFirst, last, ...given }) => {
        await forgetAll();
        const played = playHistory(ways[way], given);
        if (polledFirst) await played.we({ does: "full", ticket: 0 });
        for (const step of steps) await played.take(step);
        await played.quiet(last);
        expect(played.line.refused).toEqual([]);
        await compare(played);
      }),
      { numRuns: runs(4) },
    ),
  1_200_000,
);

async function forgetAll() {
  const { sql } = database;
  await emptyTables(
    sql,
    `
    outbox, seller, event_currency, event_seen, count_seen, ticket_state, running_count, poll_state,
      account_reading, ticket_unread, ticket_reading, ticket_reading_page, inbox, webhook_seen,
      count_hint, event_failure, ticket_clock
  `,
  );
  await emptyRows(sql);
}

/** The log and the rows that are made of it, against the model. */
async function compare({ model, clock }: ReturnType<typeof playHistory>) {
  const { sql } = database;
  const told = toldBy(await readCounts(sql));
  await applyPages(sql, [(await readFacts(sql)).map((fact) => asRead(fact))]);
  const rows = await readAllRows(sql, clock.now());
  for (const eventId of EVENTS) {
    const event = model.events.get(eventId);
    const row = rows.events.find((event) => event.eventId === eventId);
    const isGone = row?.status === "CANCELLED";
    // One that has no name of ours when it is first seen, or comes back, is not ours.
    if (event ? (!row || isGone) && !event.name.startsWith("HYROX") : !row) continue;
    expect({ eventId, isGone }).toEqual({ eventId, isGone: !event });
    if (!event) continue;
    expect(row?.eventName).toBe(event.name);
    const tickets = [...model.tickets.values()].filter((ticket) => ticket.eventId === eventId);
    const readable = tickets.filter(({ status }) => status !== GARBLED);
    const complete = readable.length === tickets.length;
    const numbers = numbersOf(readable);
    expect({ eventId, ...told(eventId) }).toEqual({ eventId, complete, numbers });
    if (!complete) continue;
    for (const type of rows.ticketTypes.filter((type) => type.eventId === eventId))
      expect(type.sold).toBe(numbers[`${type.ticketTypeId} sold`] ?? 0);
  }
}
