import { beforeEach, describe, expect, test } from "bun:test";
import { EVENT_ID, eventOf, MEN, MINUTE, NOON } from "../../../test/support/intake.ts";
import { emptiedDatabase } from "../../../test/support/reused-database.ts";
import { parseTickets } from "../../vivenu/list-items.ts";
import { Ticket } from "../../vivenu/wire.ts";
import { applyChanges } from "../counting/apply-changes.ts";
import { applyFullReading } from "../counting/incremental-count.ts";
import { recordEvent } from "./record-event.ts";

const account = "DACH";
const TICKET = "68f0000000000000000009a1";
const after = (minutes: number) => new Date(NOON.getTime() + minutes * MINUTE);

const database = emptiedDatabase();
beforeEach(async () => {
  const { sql } = database;
  await sql.begin((tx) =>
    recordEvent(tx, { account, source: "poll", event: eventOf(), observedAt: after(-1) }),
  );
});

const ticket = (status: string, updatedAt: string) =>
  Ticket.parse({
    ...{ _id: TICKET, eventId: EVENT_ID, ticketTypeId: MEN, status, updatedAt },
    createdAt: after(-60).toISOString(),
  });

/** All tickets of the event, as they were at `minutes`. */
const readFully = (minutes: number, found: Ticket) =>
  database.sql.begin((tx) =>
    applyFullReading(tx, {
      ...{ account, eventId: EVENT_ID, until: after(minutes) },
      ...{ tickets: [found], malformed: [] },
    }),
  );

const readChanges = (minutes: number, found: Ticket) =>
  database.sql.begin((tx) =>
    applyChanges(tx, account, {
      ...{ until: after(minutes), excludes: () => false },
      ...{ tickets: [found], malformed: [] },
    }),
  );

const kept = async () => {
  const rows = await database.sql<{ status: string }[]>`select status from ticket_state`;
  return rows.map(({ status }) => status);
};

describe.each([
  ["far ahead of when it was observed", "2031-01-01T00:00:00.000Z"],
  ["that no ticket can have", "0026-11-18T12:00:00.000Z"],
])("a ticket with a time of change %s", (_, foreign) => {
  test("is overtaken by its next change, a minute later by a clock that is right", async () => {
    await readFully(0, ticket("VALID", foreign));
    await readChanges(3, ticket("INVALID", after(1).toISOString()));
    expect(await kept()).toEqual(["INVALID"]);
  });

  test("is news where what was kept was changed before it was observed", async () => {
    await readFully(0, ticket("VALID", after(-5).toISOString()));
    await readFully(5, ticket("INVALID", foreign));
    expect(await kept()).toEqual(["INVALID"]);
  });

  test("is taken to the event where it is found, and from there by its next change", async () => {
    await readFully(0, ticket("VALID", foreign));
    const { sql } = database;
    const elsewhere = "68f0000000000000000000a9";
    await sql.begin((tx) =>
      recordEvent(tx, {
        ...{ account, source: "poll", observedAt: after(0) },
        event: eventOf({ _id: elsewhere }),
      }),
    );
    const moved = { ...ticket("VALID", after(1).toISOString()), eventId: elsewhere };
    await readChanges(3, moved);
    const rows = await sql<{ eventId: string }[]>`select event_id from ticket_state`;
    expect(rows.map(({ eventId }) => eventId)).toEqual([elsewhere]);
  });
});

describe.each([
  ["of years ahead", "2031-01-01T00:00:00.000Z", "2031-01-01T00:00:00.000Z"],
  ["of its creation, years ahead", null, "2031-01-01T00:00:00.000Z"],
])("a ticket that cannot be read and says a time of change %s", (_, updatedAt, createdAt) => {
  const elsewhere = "68f0000000000000000000a9";
  const garbled = { _id: TICKET, eventId: elsewhere, ticketTypeId: {}, createdAt, updatedAt };
  const { malformed } = parseTickets([garbled]);
  const places = async () => {
    const rows = await database.sql<{ eventId: string }[]>`
      select event_id from ticket_state union all select event_id from ticket_unread
    `;
    return rows.map(({ eventId }) => eventId);
  };
  const watchElsewhere = () =>
    database.sql.begin((tx) =>
      recordEvent(tx, {
        ...{ account, source: "poll", observedAt: after(-1) },
        event: eventOf({ _id: elsewhere }),
      }),
    );
  const readings = {
    "what changed": (minutes: number) =>
      database.sql.begin((tx) =>
        applyChanges(tx, account, {
          ...{ until: after(minutes), excludes: () => false },
          ...{ tickets: [], malformed },
        }),
      ),
    "all tickets of the other event": (minutes: number) =>
      database.sql.begin((tx) =>
        applyFullReading(tx, {
          ...{ account, eventId: elsewhere, until: after(minutes) },
          ...{ tickets: [], malformed },
        }),
      ),
  };

  test.each(Object.entries(readings))(
    "is not taken from where it went since by an older reading of %s, and is by a newer one",
    async (__, readIn) => {
      await watchElsewhere();
      await readChanges(12, ticket("VALID", after(10).toISOString()));
      await readIn(5);
      expect(await places()).toEqual([EVENT_ID]);
      await readIn(15);
      expect(await places()).toEqual([elsewhere]);
    },
  );
});
