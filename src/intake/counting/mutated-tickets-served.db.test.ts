import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { modelVivenu } from "../../../test/fixtures/vivenu/model.ts";
import { chance, mutate } from "../../../test/fixtures/vivenu/mutate.ts";
import type { TestDatabase } from "../../../test/support/database.ts";
import {
  clientFor,
  deliveryOf,
  eventJson,
  HOUR,
  handClock,
  hyrox,
  logger,
  MEN,
  MINUTE,
  never,
  pace,
  readCounts,
  readPayloads,
  receiver,
  SECOND,
} from "../../../test/support/intake.ts";
import { emptyTables, reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import { seeds } from "../../../test/support/seed.ts";
import { poller } from "../polling/poller.ts";
import { readInboxState } from "../store/inbox.ts";
import { translator } from "../webhooks/translate.ts";
import { defaultIncremental } from "./incremental-settings.ts";

const BERLIN = "68f0000000000000000000a1";
const HAMBURG = "68f0000000000000000000a2";

let database: TestDatabase;
beforeAll(async () => {
  database = await reusedDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(clear);

async function clear() {
  await emptyTables(
    database.sql,
    `
    outbox, inbox, seller, event_currency, event_seen, count_seen, count_hint, ticket_state, ticket_unread,
      running_count, poll_state, account_reading, ticket_reading, ticket_reading_page
  `,
  );
}

type Row = Record<string, unknown>;
type Body = Row & { rows?: Row[] };

/** An account with two events of five tickets each, some of whose answers are changed on the way. */
function stage(meddle: (body: Body, url: URL) => unknown) {
  const clock = handClock();
  const model = modelVivenu({ now: clock.now });
  for (const [_id, name] of [
    [BERLIN, "HYROX Berlin"],
    [HAMBURG, "HYROX Hamburg"],
  ] as const) {
    model.putEvent({ ...eventJson(), _id, name });
    for (let i = 0; i < 5; i += 1) model.put({ eventId: _id, ticketTypeId: MEN });
  }
  const client = clientFor({
    ...{ baseUrl: "https://vivenu.example.com", clock },
    async fetch(address) {
      const url = new URL(address);
      const answer = await model.fetch(address);
      if (answer.status !== 200) return answer;
      return Response.json(meddle((await answer.json()) as Body, url) ?? null);
    },
  });
  const { pollAccount } = poller({
    ...{ sql: database.sql, filter: hyrox, pageSize: 10, cutoffMs: 2 * SECOND, clock, logger },
    incremental: defaultIncremental,
  });
  return {
    ...{ clock, model },
    poll(mode: "full" | "changes") {
      clock.forward(HOUR);
      return pollAccount(client, never, { mode });
    },
  };
}

async function newest(eventId: string) {
  const counts = await readCounts(database.sql);
  const count = counts.findLast((one) => one.eventId === eventId);
  const sold = count?.ticketTypes.reduce((sum, type) => sum + type.sold, 0);
  return { complete: count?.complete, sold };
}

const isOf = (row: Row | undefined, eventId: string) => row?.eventId === eventId;

test("a ticket that is served changed costs nothing but its own event's complete count", async () => {
  for (const seed of seeds(runs(12))) {
    await clear();
    const changed = new Map<unknown, Row>();
    const { clock, model, poll } = stage((body) => ({
      ...body,
      rows: body.rows?.map((row) => changed.get(row._id) ?? row),
    }));
    await poll("full");
    const pick = chance(seed);
    const chosen = [...model.tickets.values()].filter((row) => isOf({ ...row }, BERLIN))[pick(5)];
    if (!chosen) throw new Error("Berlin has no tickets");
    clock.forward(MINUTE);
    for (const { _id } of [...model.tickets.values()]) model.change(_id, {});
    const now = model.tickets.get(chosen._id);
    changed.set(chosen._id, mutate({ ...now }, pick));
    for (const mode of ["changes", "full"] as const) {
      model.put({ eventId: HAMBURG, ticketTypeId: MEN });
      clock.forward(MINUTE);
      const { failures } = await poll(mode);
      const kinds = failures.filter(({ kind }) => !["malformed", "unavailable"].includes(kind));
      expect({ seed, kinds }).toEqual({ seed, kinds: [] });
    }
    expect({ seed, ...(await newest(HAMBURG)) }).toEqual({ seed, complete: true, sold: 7 });
    const berlin = await newest(BERLIN);
    expect({ seed, isLess: (berlin.sold ?? 0) < 4 }).toEqual({ seed, isLess: false });
  }
});

test("an event that is served changed keeps no other from being recorded and counted", async () => {
  for (const seed of seeds(runs(12))) {
    await clear();
    const pick = chance(seed);
    const { model, poll } = stage((body, url) => {
      const isList = url.pathname === "/api/events" && url.searchParams.get("top") !== "1";
      if (!isList) return body;
      const garble = (row: Row) => (row._id === BERLIN ? mutate({ row }, pick).row : row);
      return { ...body, rows: body.rows?.map(garble) };
    });
    const summary = await poll("full");
    expect({ seed, faults: summary.failures.filter(({ kind }) => kind === "fault") }).toEqual({
      ...{ seed, faults: [] },
    });
    model.put({ eventId: HAMBURG, ticketTypeId: MEN });
    await poll("changes");
    expect({ seed, ...(await newest(HAMBURG)) }).toEqual({ seed, complete: true, sold: 6 });
  }
});

test("whatever Vivenu answers, a poll ends and says what is wrong", async () => {
  for (const seed of seeds(runs(12))) {
    await clear();
    const pick = chance(seed);
    const { poll } = stage((body) => (pick(3) === 0 ? mutate({ body }, pick).body : body));
    for (const mode of ["full", "changes"] as const) {
      const { failures } = await poll(mode);
      const faults = failures.filter(({ kind }) => kind === "fault");
      expect({ seed, faults }).toEqual({ seed, faults: [] });
    }
  }
});

test("a webhook that is changed on its way is refused by itself, and all others are translated", async () => {
  const { sql } = database;
  const clock = handClock();
  const { send } = receiver({ sql, clock });
  const translate = translator({ sql, filter: hyrox, pace, clock, logger });
  for (const seed of seeds(runs(50))) {
    const pick = chance(seed);
    const type = ["event.updated", "event.deleted", "ticket.created", "transaction.complete"][
      pick(4)
    ];
    const data = { event: eventJson({ _id: BERLIN }), ticket: { _id: "t", eventId: BERLIN } };
    const sent = await send(JSON.stringify(mutate(JSON.parse(deliveryOf(`${type}`, data)), pick)));
    expect({ seed, isTold: [200, 202, 400, 401, 403, 422, 503].includes(sent) }).toEqual({
      ...{ seed, isTold: true },
    });
  }
  const updatedAt = new Date(clock.now().getTime() + HOUR).toISOString();
  const good = eventJson({ _id: HAMBURG, name: "HYROX Hamburg", updatedAt });
  expect(await send(deliveryOf("event.updated", { event: good }))).toBe(200);
  while ((await translate()) === "more");
  expect((await readInboxState(sql)).waiting).toBe(0);
  // Those that wait together are recorded together, in whatever order of their events.
  const told = await readPayloads(sql, "event.updated.0");
  expect(told.filter(({ eventId }) => eventId === HAMBURG)).toMatchObject([{ name: good.name }]);
});
