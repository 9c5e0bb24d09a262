import { describe, expect, test } from "bun:test";
import { type ModelTicket, modelVivenu } from "../../../test/fixtures/vivenu/model.ts";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import {
  clientFor,
  eventJson,
  HOUR,
  handClock,
  hyrox,
  MEN,
  MINUTE,
  never,
  readCounts,
  SECOND,
} from "../../../test/support/intake.ts";
import { emptiedDatabase } from "../../../test/support/reused-database.ts";
import { Ticket } from "../../vivenu/wire.ts";
import { poller } from "../polling/poller.ts";
import { readAccountReading } from "../store/account-reading.ts";
import { readAnomalies } from "../store/unreadable-tickets.ts";
import { applyChanges } from "./apply-changes.ts";
import { applyFullReading, countKept } from "./incremental-count.ts";
import { defaultIncremental } from "./incremental-settings.ts";

const BERLIN = "68f0000000000000000000a1";
const HAMBURG = "68f0000000000000000000a2";
const GIFTS = "68f0000000000000000000a3";

const database = emptiedDatabase();

/** What no status is: the cast is Vivenu's doing. */
const GARBLED = "" as ModelTicket["status"];

type Row = Record<string, unknown>;

function stage({ garble = (row: Row): Row => row } = {}) {
  const { sql } = database;
  const clock = handClock();
  const model = modelVivenu({ now: clock.now });
  const { logger, lines } = recordingLog();
  const client = clientFor({
    ...{ baseUrl: "https://vivenu.example.com", clock },
    async fetch(url) {
      const answer = await model.fetch(url);
      if (!answer.ok) return answer;
      const body = (await answer.json()) as { rows?: Row[] };
      return Response.json(body.rows ? { ...body, rows: body.rows.map(garble) } : body);
    },
  });
  const filter = hyrox;
  const polling = poller({
    ...{
      sql,
      filter,
      pageSize: 10,
      cutoffMs: 2 * SECOND,
      clock,
      logger,
      incremental: defaultIncremental,
    },
  });
  for (const [_id, name] of [
    [BERLIN, "HYROX Berlin"],
    [HAMBURG, "HYROX Hamburg"],
    [GIFTS, "Gift cards"],
  ] as const)
    if (!model.events.has(_id)) model.putEvent({ ...eventJson(), _id, name });
  const sell = (eventId: string, changes: Partial<ModelTicket> = {}) =>
    model.put({ eventId, ticketTypeId: MEN, ...changes });
  return {
    ...{ clock, model, client, lines, sell },
    poll: (mode: "full" | "changes" = "full") => {
      clock.forward(HOUR);
      return polling.pollAccount(client, never, { mode });
    },
    countChanges: (withEvents = false) => {
      clock.forward(MINUTE);
      return polling.countChanges(client, never, { withEvents });
    },
    said: (event: string) => lines.map((line) => JSON.parse(line)).filter((l) => l.event === event),
  };
}

async function newest(eventId: string) {
  const counts = await readCounts(database.sql);
  const count = counts.findLast((one) => one.eventId === eventId);
  const sold = count?.ticketTypes.reduce((sum, type) => sum + type.sold, 0);
  return count && { complete: count.complete, sold, of: count.expectedTotal };
}

describe("a changed ticket that cannot be read", () => {
  test("makes its event's count incomplete, and the account is counted on", async () => {
    const { sell, poll, countChanges, said } = stage();
    const broken = sell(BERLIN);
    sell(HAMBURG);
    await poll();
    expect(await newest(BERLIN)).toEqual({ complete: true, sold: 1, of: 1 });

    sell(BERLIN, { status: GARBLED });
    sell(HAMBURG);
    sell(BERLIN);
    await countChanges();
    expect(await newest(BERLIN)).toEqual({ complete: false, sold: 2, of: 3 });
    expect(await newest(HAMBURG)).toEqual({ complete: true, sold: 2, of: 2 });
    sell(HAMBURG);
    const before = (await readAccountReading(database.sql, "DACH")).ticketsUntil;
    await countChanges();
    expect(await newest(HAMBURG)).toEqual({ complete: true, sold: 3, of: 3 });
    expect(Number((await readAccountReading(database.sql, "DACH")).ticketsUntil)).toBeGreaterThan(
      Number(before),
    );
    const told = said("ticket.unreadable").filter(({ eventIds }) => eventIds !== undefined);
    expect(told.map(({ account, eventIds }) => ({ account, eventIds }))).toEqual([
      { account: "DACH", eventIds: [BERLIN] },
    ]);
    expect(JSON.stringify(told)).not.toContain(broken.email);
  });

  test("stays so where a full count that was begun before knows it as it was", async () => {
    const { sell, poll, clock } = stage();
    const tickets = [sell(BERLIN), sell(BERLIN)].map((ticket) => Ticket.parse(ticket));
    await poll();
    const reading = { ...{ account: "DACH", eventId: BERLIN, until: clock.now() }, tickets };
    const broken = {
      ...{ id: tickets[0]?._id ?? "", eventId: BERLIN, reason: "status: not a status" },
      ...{ createdAt: null, updatedAt: null },
    };
    const until = clock.forward(HOUR);
    const changes = { tickets: [], malformed: [broken], until, excludes: () => false };
    await database.sql.begin(async (tx) => {
      await applyChanges(tx, "DACH", changes);
      await applyFullReading(tx, { ...reading, malformed: [] });
      await countKept(tx, { account: "DACH", eventId: BERLIN, at: until });
    });
    expect(await newest(BERLIN)).toEqual({ complete: false, sold: 1, of: 2 });
  });

  test("is said by the next poll, once for the event, and needs no poll an hour later", async () => {
    const { sell, poll, countChanges } = stage();
    await poll();
    for (let i = 0; i < 3; i += 1) sell(BERLIN, { status: GARBLED });
    await countChanges();
    for (const mode of ["changes", "full"] as const) {
      const summary = await poll(mode);
      expect(summary).toMatchObject({
        complete: false,
        failures: [
          {
            eventId: BERLIN,
            kind: "malformed",
            reason:
              "its count is not complete: 3 of its tickets cannot be read (status: not a status)",
          },
        ],
      });
      expect(summary.failures).toHaveLength(1);
    }
    const [state] = await database.sql`select complete from poll_state`;
    expect(state?.complete).toBe(true);
  });

  test("that can be read again completes the count, by its change or by a full count", async () => {
    const { model, sell, poll, countChanges } = stage();
    await poll();
    const one = sell(BERLIN, { status: GARBLED });
    await countChanges();
    expect((await newest(BERLIN))?.complete).toBe(false);
    model.change(one._id, { status: "VALID" });
    await countChanges();
    expect(await newest(BERLIN)).toEqual({ complete: true, sold: 1, of: 1 });

    const two = sell(BERLIN, { status: GARBLED });
    await countChanges();
    // Vivenu mends it without saying so.
    model.tickets.set(two._id, { ...two, status: "VALID" });
    await poll();
    expect(await newest(BERLIN)).toEqual({ complete: true, sold: 2, of: 2 });
    expect((await poll("changes")).complete).toBe(true);
  });

  test("leads to a full count at once, and to fewer and fewer while it stays", async () => {
    const { model, sell, poll, countChanges, clock } = stage();
    await poll();
    sell(BERLIN, { status: GARBLED });
    const whole = () =>
      model.urls.filter(({ searchParams }) => searchParams.get("event") === BERLIN).length;
    const before = whole();
    await countChanges();
    const each = whole() - before;
    expect(each).toBeGreaterThan(0);
    for (let hour = 0; hour < 24; hour += 1) {
      clock.forward(HOUR);
      await countChanges();
    }
    expect(whole() - before).toBeLessThanOrEqual(each * 6);
  });

  test("leads to a full count at once again, once the event was read whole meanwhile", async () => {
    const { model, sell, poll, countChanges, clock } = stage();
    await poll();
    const whole = () =>
      model.urls.filter(({ searchParams }) => searchParams.get("event") === BERLIN).length;
    const askedBy = async (work: () => Promise<unknown>) => {
      const before = whole();
      await work();
      return whole() - before;
    };
    const one = sell(BERLIN, { status: GARBLED });
    const atOnce = await askedBy(countChanges);
    clock.forward(HOUR);
    await countChanges();
    // Vivenu mends it without saying so, and a full count finds it.
    model.tickets.set(one._id, { ...one, status: "VALID" });
    clock.forward(2 * HOUR);
    await countChanges();
    expect(await newest(BERLIN)).toEqual({ complete: true, sold: 1, of: 1 });
    sell(BERLIN, { status: GARBLED });
    expect(await askedBy(countChanges)).toBe(atOnce);
  });

  test("of an event that nobody watches is nobody's business, and nothing of it is kept", async () => {
    const { sell, poll, countChanges, said } = stage();
    await poll();
    sell(GIFTS, { status: GARBLED });
    sell(GIFTS);
    await countChanges();
    const kept = await database.sql`select event_id from ticket_state where event_id = ${GIFTS}`;
    expect([...kept]).toEqual([]);
    expect((await poll("changes")).complete).toBe(true);
    expect(said("ticket.unreadable")).toEqual([]);
  });

  test("and does not say of which event it is, is found by its id, or said by the account", async () => {
    const lost = new Set<unknown>();
    const { model, sell, poll, countChanges, said } = stage({
      garble: (row) => (lost.has(row._id) ? { ...row, eventId: null } : row),
    });
    const known = sell(BERLIN);
    sell(HAMBURG);
    await poll();
    lost.add(known._id);
    model.change(known._id, {});
    await countChanges();
    expect(await newest(BERLIN)).toEqual({ complete: false, sold: 0, of: 1 });
    expect(await newest(HAMBURG)).toMatchObject({ complete: true });
    expect(said("ticket.unplaced")).toEqual([]);

    lost.add(sell(HAMBURG)._id);
    expect((await poll("changes")).failures).toMatchObject([
      { eventId: null, kind: "malformed", reason: expect.stringContaining("1 changed tickets") },
      { eventId: BERLIN, kind: "malformed" },
    ]);
    await poll();
    expect(await newest(HAMBURG)).toEqual({ complete: false, sold: 1, of: 2 });
  });
});

test("an event that is gone takes its unreadable tickets with it", async () => {
  const { model, sell, poll, countChanges } = stage();
  sell(BERLIN);
  sell(HAMBURG);
  await poll();
  sell(BERLIN, { status: GARBLED });
  sell(HAMBURG, { status: GARBLED });
  await countChanges();
  const doubtful = async () =>
    (await readAnomalies(database.sql, "DACH")).map(({ eventId }) => eventId);
  expect(await doubtful()).toEqual([BERLIN, HAMBURG]);
  model.deleteEvent(BERLIN);
  await poll();
  expect(await doubtful()).toEqual([HAMBURG]);
});

test("a sixth status is said by the poll, and by a log line that names no ticket", async () => {
  const { sell, poll, countChanges, said } = stage();
  sell(BERLIN);
  await poll();
  const held = [1, 2].map(() => sell(BERLIN, { status: "HELD" as ModelTicket["status"] }));
  await countChanges();
  await countChanges();
  expect(await newest(BERLIN)).toEqual({ complete: true, sold: 1, of: 3 });
  const [line, ...others] = said("ticket.unknown_status");
  expect(others).toEqual([]);
  expect(line).toMatchObject({ account: "DACH", eventId: BERLIN, tickets: 2 });
  for (const { _id } of held) expect(JSON.stringify(line)).not.toContain(_id);
  expect(await poll()).toMatchObject({
    complete: false,
    failures: [{ eventId: BERLIN, kind: "malformed", reason: expect.stringMatching(/^2 .*HELD$/) }],
  });
});
