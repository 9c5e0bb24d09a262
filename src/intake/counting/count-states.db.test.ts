import { beforeEach, expect, test } from "bun:test";
import { modelVivenu } from "../../../test/fixtures/vivenu/model.ts";
import {
  clientFor,
  EVENT_ID,
  eventJson,
  eventOf,
  type HandClock,
  handClock,
  logger,
  MEN,
  MINUTE,
  NOON,
  never,
  readCounts,
  readFacts,
} from "../../../test/support/intake.ts";
import { emptiedDatabase } from "../../../test/support/reused-database.ts";
import { cellsOf, type StateTable } from "../../../test/support/state-table.ts";
import { Ticket } from "../../vivenu/wire.ts";
import { recordDeletion, recordEvent } from "../events/record-event.ts";
import { saveAccountReading } from "../store/account-reading.ts";
import { countUnreadable } from "../store/unreadable-tickets.ts";
import { applyChanges } from "./apply-changes.ts";
import { changeCounter } from "./changed-counts.ts";
import { takeFullCount } from "./full-count.ts";

/**
 * - `uncounted`   it had no full count: it has no baseline, and no number
 * - `begun`       the first full count broke off, and goes on where it stopped
 * - `counted`     the log has the numbers of the tickets that are kept
 * - `changed`     a ticket or its description changed since it was counted
 * - `incomplete`  counted, but for tickets that cannot be read: it keeps its last complete numbers
 */
type State = "uncounted" | "begun" | "counted" | "changed" | "incomplete";

/**
 * - `sale`           a list of changes has a ticket of it that is new
 * - `broken ticket`  a list of changes has a ticket of it that cannot be read
 * - `description`    its description changes
 * - `incremental`    it is counted by the tickets that are kept, if it changed
 * - `full`           every ticket is read, and it is counted
 * - `full breaks off`  the process dies between two pages
 * - `gone`           it is deleted
 */
type Input =
  | "sale"
  | "broken ticket"
  | "description"
  | "incremental"
  | "full"
  | "full breaks off"
  | "gone";

/** What is said in the log: all ticket types, those that changed, or that the count is not complete. */
type Said = "all" | "changed" | "not complete" | "nothing";

const is = (next: State, said: Said = "nothing") => ({ next, said });

const table: StateTable<State, Input, ReturnType<typeof is>> = {
  uncounted: {
    sale: is("uncounted"),
    "broken ticket": is("uncounted"),
    description: is("uncounted"),
    incremental: is("uncounted"),
    full: is("counted", "all"),
    "full breaks off": is("begun"),
    gone: is("uncounted"),
  },
  begun: {
    sale: is("begun"),
    "broken ticket": is("begun"),
    description: is("begun"),
    incremental: is("begun"),
    full: is("counted", "all"),
    "full breaks off": is("begun"),
    gone: is("uncounted"),
  },
  counted: {
    sale: is("changed"),
    "broken ticket": is("changed"),
    description: is("changed"),
    incremental: is("counted"),
    full: is("counted"),
    "full breaks off": is("counted"),
    gone: is("uncounted"),
  },
  changed: {
    sale: is("changed"),
    "broken ticket": is("changed"),
    description: is("changed"),
    incremental: is("counted", "changed"),
    full: is("counted", "all"),
    "full breaks off": is("changed"),
    gone: is("uncounted"),
  },
  incomplete: {
    sale: is("changed"),
    "broken ticket": is("changed"),
    description: is("changed"),
    incremental: is("incomplete"),
    full: is("counted", "all"),
    "full breaks off": is("incomplete"),
    gone: is("uncounted"),
  },
};

const database = emptiedDatabase();
let clock: HandClock;
beforeEach(async () => {
  clock = handClock();
  await database.sql`
    truncate outbox, event_seen, count_seen, ticket_state, running_count, account_reading,
      ticket_unread, ticket_clock, ticket_reading, ticket_reading_page, event_failure, event_currency
  `;
  await describe("HYROX Frankfurt");
  await saveAccountReading(database.sql, "DACH", { ticketsUntil: NOON });
});

const describe = (name: string) =>
  database.sql.begin((tx) =>
    recordEvent(tx, {
      ...{ account: "DACH", source: "poll", observedAt: clock.forward(MINUTE) },
      event: eventOf({ name, updatedAt: clock.now().toISOString() }),
    }),
  );

function stage() {
  const line = { requests: 0, breaksAt: Number.POSITIVE_INFINITY };
  const model = modelVivenu({ now: clock.now });
  model.putEvent({ ...eventJson(), _id: EVENT_ID, name: "HYROX Frankfurt" });
  for (let i = 0; i < 25; i += 1) {
    const createdAt = new Date(NOON.getTime() - (100 - i) * MINUTE).toISOString();
    model.put({ eventId: EVENT_ID, ticketTypeId: MEN, createdAt, updatedAt: createdAt });
  }
  const client = clientFor({
    baseUrl: "https://vivenu.example.com",
    clock,
    fetch: async (url) => {
      line.requests += 1;
      return line.requests >= line.breaksAt ? new Response("", { status: 404 }) : model.fetch(url);
    },
  });
  const full = () =>
    takeFullCount({
      ...{ sql: database.sql, client, eventId: EVENT_ID, until: clock.now(), pageSize: 10 },
      ...{ clock, logger, signal: never },
    });
  const change = (given: Partial<Parameters<typeof applyChanges>[2]>) =>
    database.sql.begin((tx) =>
      applyChanges(tx, "DACH", {
        ...{ tickets: [], malformed: [], until: clock.forward(MINUTE), excludes: () => false },
        ...given,
      }),
    );
  const { countChanged } = changeCounter({
    ...{ sql: database.sql, pageSize: 10, cutoffMs: 0, clock, logger },
    filter: { excludes: () => false },
  });
  const give: Record<Input, () => Promise<unknown>> = {
    async sale() {
      clock.forward(MINUTE);
      const sold = model.put({ eventId: EVENT_ID, ticketTypeId: MEN });
      await change({ tickets: [Ticket.parse(sold)] });
    },
    async "broken ticket"() {
      const [ticket] = model.tickets.values();
      const times = { createdAt: ticket?.createdAt ?? null, updatedAt: clock.now().toISOString() };
      const id = ticket?._id ?? null;
      const reason = "its status cannot be read";
      await change({ malformed: [{ id, eventId: EVENT_ID, reason, ...times }] });
    },
    description: () => describe("HYROX Frankfurt, moved"),
    incremental: () => countChanged("DACH", never, (_, error) => Promise.reject(error)),
    async full() {
      clock.forward(MINUTE);
      await full();
    },
    async "full breaks off"() {
      clock.forward(MINUTE);
      line.breaksAt = line.requests + 2;
      await full().catch(() => {});
      line.breaksAt = Number.POSITIVE_INFINITY;
    },
    gone: () =>
      database.sql.begin((tx) =>
        recordDeletion(tx, {
          ...{ account: "DACH", source: "poll", eventId: EVENT_ID, name: null },
          observedAt: clock.forward(MINUTE),
        }),
      ),
  };
  return give;
}

const comesTo: Record<State, Input[]> = {
  uncounted: [],
  begun: ["full breaks off"],
  counted: ["full"],
  changed: ["full", "sale"],
  incomplete: ["full", "broken ticket", "incremental"],
};

async function stateNow(): Promise<State> {
  const { sql } = database;
  const [baseline] = await sql<{ dirty: boolean }[]>`select dirty from running_count`;
  const [begun] = await sql`select from ticket_reading`;
  if (!baseline) return begun ? "begun" : "uncounted";
  if (baseline.dirty) return "changed";
  return (await countUnreadable(sql, "DACH", EVENT_ID)) > 0 ? "incomplete" : "counted";
}

async function saidSince(before: number): Promise<Said> {
  const facts = (await readFacts(database.sql)).filter(({ eventType }) =>
    eventType.startsWith("sales."),
  );
  expect(facts.length - before).toBeLessThanOrEqual(1);
  const fact = facts.at(before);
  if (!fact) return "nothing";
  if (fact.eventType === "sales.changed.0") return "changed";
  return fact.eventType === "sales.counted.0" && fact.payload.complete ? "all" : "not complete";
}

test.each(cellsOf(table))("a count that is $state: $input", async ({ state, input, expected }) => {
  const give = stage();
  for (const one of comesTo[state]) await give[one]();
  expect(await stateNow()).toBe(state);
  const before = (await readCounts(database.sql)).length;
  await give[input]();
  expect({ next: await stateNow(), said: await saidSince(before) }).toEqual(expected);
});
