import { beforeEach, expect, test } from "bun:test";
import { EVENT_ID, eventOf, MEN, MINUTE, NOON } from "../../../test/support/intake.ts";
import { emptiedDatabase } from "../../../test/support/reused-database.ts";
import { cellsOf, type StateTable } from "../../../test/support/state-table.ts";
import type { PageContent } from "../../vivenu/ticket-page.ts";
import { Ticket } from "../../vivenu/wire.ts";
import { recordDeletion, recordEvent } from "../events/record-event.ts";
import { applyChanges } from "./apply-changes.ts";
import { applyFullReading } from "./incremental-count.ts";

/**
 * A ticket as it is known of one event:
 *
 * - `absent`      nothing is known of it
 * - `sold`        kept, and counted by what it was
 * - `refunded`    kept, and counted as what it became
 * - `unreadable`  known by its id alone: no count of its event is complete
 * - `elsewhere`   kept under another event, to which it moved
 */
type State = "absent" | "sold" | "refunded" | "unreadable" | "elsewhere";

/**
 * - `change`             a list of changes has it refunded, changed after what is known
 * - `old change`         a list of changes has it sold, changed before what is known
 * - `broken change`      a list of changes has it, and it cannot be read
 * - `full count`         a full count has it sold, as it was before what is known changed
 * - `full count after`   a full count has it refunded, changed after what is known
 * - `full count without` a full count that reaches beyond its creation does not have it
 * - `broken full count`  a full count that was begun after what is known has it, and it cannot be read
 * - `event gone`         its event is deleted
 */
type Input =
  | "change"
  | "old change"
  | "broken change"
  | "full count"
  | "full count after"
  | "full count without"
  | "broken full count"
  | "event gone";

interface Expected {
  next: State;
  /** Its event is to be counted again; after a full count it always is, and at once. */
  recount: boolean;
}

const is = (next: State, then?: "recount"): Expected => ({ next, recount: then === "recount" });

const table: StateTable<State, Input, Expected> = {
  absent: {
    change: is("refunded", "recount"),
    "old change": is("sold", "recount"),
    "broken change": is("unreadable", "recount"),
    "full count": is("sold", "recount"),
    "full count after": is("refunded", "recount"),
    "full count without": is("absent", "recount"),
    "broken full count": is("unreadable", "recount"),
    "event gone": is("absent"),
  },
  sold: {
    change: is("refunded", "recount"),
    "old change": is("sold"),
    "broken change": is("unreadable", "recount"),
    "full count": is("sold", "recount"),
    "full count after": is("refunded", "recount"),
    "full count without": is("absent", "recount"),
    "broken full count": is("unreadable", "recount"),
    "event gone": is("absent"),
  },
  refunded: {
    change: is("refunded", "recount"),
    "old change": is("refunded"),
    "broken change": is("unreadable", "recount"),
    "full count": is("refunded", "recount"),
    "full count after": is("refunded", "recount"),
    "full count without": is("absent", "recount"),
    "broken full count": is("unreadable", "recount"),
    "event gone": is("absent"),
  },
  unreadable: {
    change: is("refunded", "recount"),
    "old change": is("sold", "recount"),
    "broken change": is("unreadable", "recount"),
    "full count": is("unreadable", "recount"),
    "full count after": is("refunded", "recount"),
    "full count without": is("absent", "recount"),
    "broken full count": is("unreadable", "recount"),
    "event gone": is("absent"),
  },
  elsewhere: {
    change: is("refunded", "recount"),
    "old change": is("elsewhere"),
    "broken change": is("unreadable", "recount"),
    "full count": is("elsewhere", "recount"),
    "full count after": is("refunded", "recount"),
    "full count without": is("elsewhere", "recount"),
    "broken full count": is("unreadable", "recount"),
    "event gone": is("elsewhere"),
  },
};

const OTHER_EVENT = "68f0000000000000000000a2";
const TICKET_ID = "68f000000000000000000901";

const database = emptiedDatabase();
beforeEach(async () => {
  await database.sql`
    truncate outbox, event_seen, ticket_state, running_count, account_reading, ticket_unread, ticket_clock
  `;
  for (const _id of [EVENT_ID, OTHER_EVENT])
    await database.sql.begin((tx) =>
      recordEvent(tx, {
        ...{ account: "DACH", source: "poll", event: eventOf({ _id }), observedAt: NOON },
      }),
    );
  // Both events have a baseline.
  for (const eventId of [EVENT_ID, OTHER_EVENT]) await fullCount([], at(1), eventId);
});

const at = (minutes: number) => new Date(NOON.getTime() + minutes * MINUTE);

const ticket = (status: string, changedAt: Date, eventId = EVENT_ID) =>
  Ticket.parse({
    ...{ _id: TICKET_ID, eventId, ticketTypeId: MEN, status },
    ...{ createdAt: NOON.toISOString(), updatedAt: changedAt.toISOString() },
  });

const sold = (changedAt: Date) => [ticket("VALID", changedAt)];
const refunded = (changedAt: Date) => [ticket("INVALID", changedAt)];

const change = (content: Partial<PageContent>, until: Date) =>
  database.sql.begin((tx) =>
    applyChanges(tx, "DACH", {
      ...{ tickets: [], malformed: [], until, excludes: () => false, ...content },
    }),
  );

const broken = {
  malformed: [
    {
      ...{ id: TICKET_ID, eventId: EVENT_ID, reason: "its status cannot be read" },
      ...{ createdAt: NOON.toISOString(), updatedAt: null },
    },
  ],
};

const fullCount = (tickets: Ticket[], until: Date, eventId = EVENT_ID, more = {}) =>
  database.sql.begin((tx) =>
    applyFullReading(tx, { account: "DACH", eventId, until, tickets, malformed: [], ...more }),
  );

/** What is known is of the tenth minute. */
const given: Record<State, () => Promise<unknown>> = {
  absent: async () => {},
  sold: () => change({ tickets: sold(at(10)) }, at(10)),
  refunded: () => change({ tickets: refunded(at(10)) }, at(10)),
  unreadable: () => change(broken, at(10)),
  elsewhere: () => change({ tickets: [ticket("VALID", at(10), OTHER_EVENT)] }, at(10)),
};

const give: Record<Input, () => Promise<unknown>> = {
  change: () => change({ tickets: refunded(at(15)) }, at(20)),
  "old change": () => change({ tickets: sold(at(5)) }, at(20)),
  "broken change": () => change(broken, at(20)),
  "full count": () => fullCount(sold(at(5)), at(8)),
  "full count after": () => fullCount(refunded(at(15)), at(20)),
  "full count without": () => fullCount([], at(20)),
  "broken full count": () => fullCount([], at(20), EVENT_ID, broken),
  "event gone": () =>
    database.sql.begin((tx) =>
      recordDeletion(tx, {
        ...{ account: "DACH", source: "poll", eventId: EVENT_ID, name: null, observedAt: at(20) },
      }),
    ),
};

async function stateNow(): Promise<State> {
  const kept = await database.sql<{ eventId: string; status: string }[]>`
    select event_id, status from ticket_state
    union all select event_id, 'unreadable' from ticket_unread
  `;
  // It is never kept twice.
  expect(kept.length).toBeLessThanOrEqual(1);
  const [one] = kept;
  if (!one) return "absent";
  if (one.eventId === OTHER_EVENT) return "elsewhere";
  if (one.status === "unreadable") return "unreadable";
  return one.status === "VALID" ? "sold" : "refunded";
}

async function isToBeCounted() {
  const [count] = await database.sql<{ dirty: boolean }[]>`
    select dirty from running_count where event_id = ${EVENT_ID}
  `;
  return count?.dirty ?? false;
}

test.each(cellsOf(table))("a ticket that is $state: $input", async ({ state, input, expected }) => {
  await given[state]();
  expect(await stateNow()).toBe(state);
  await database.sql`update running_count set dirty = false`;
  await give[input]();
  expect({ next: await stateNow(), recount: await isToBeCounted() }).toEqual(expected);
});
