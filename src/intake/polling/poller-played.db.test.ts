import { expect, test } from "bun:test";
import {
  dump,
  found,
  handClock,
  hyrox,
  logger,
  MINUTE,
  never,
  pace,
  playedVivenu,
  readCounts,
  readPayloads,
  receiver,
  SECOND,
} from "../../../test/support/intake.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { defaultIncremental } from "../counting/incremental-settings.ts";
import { readInboxState } from "../store/inbox.ts";
import { translator } from "../webhooks/translate.ts";
import { poller } from "./poller.ts";
import { recounts } from "./recount-loop.ts";

test("what happens in the played Vivenu comes in by both doors, and no holder with it", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const clock = handClock();
  // The receiver has to know the played accounts' keys, and they have to know its address.
  let fetchWebhook: (request: Request) => Response | Promise<Response> = () =>
    new Response("", { status: 503 });
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => fetchWebhook(request),
  });
  try {
    await using vivenu = await playedVivenu(clock, `http://127.0.0.1:${server.port}`);
    const { app, outcomes } = receiver({
      sql,
      clock,
      mode: "dev",
      accounts: vivenu.accounts.map(({ region, hmacKey }) => ({
        region,
        keys: [hmacKey],
        sellerId: undefined,
      })),
    });
    fetchWebhook = (request) => app.fetch(request);
    const { pollAccount, pollEvent } = poller({
      ...{ sql, filter: hyrox, pageSize: 1_000, cutoffMs: 2 * SECOND, clock, logger },
      incremental: defaultIncremental,
    });
    const client = vivenu.client("DACH");
    const translate = translator({ sql, filter: hyrox, pace, clock, logger });
    const count = recounts({
      ...{ sql, clients: new Map([["DACH", client]]), poller: { pollEvent } },
      ...{ pace, clock, logger, signal: never },
    });
    const berlin = await vivenu.event("DACH", "HYROX Berlin");
    const launch = "2026-12-01T09:00:00.000Z";

    // Before the first poll nobody knows whose the seller is: Vivenu has to send it again.
    await vivenu.act("PATCH", `/events/${berlin._id}`, { sellStart: launch });
    await vivenu.deliverDue();
    expect(outcomes).toEqual([["unavailable", "DACH"]]);
    await pollAccount(client, never);
    clock.forward(MINUTE);
    await vivenu.deliverDue();
    expect(outcomes.at(-1)).toEqual(["accepted", "DACH"]);
    while ((await translate()) === "more");
    const told = await readPayloads(sql, "event.updated.0");
    expect(told.filter(({ eventId }) => eventId === berlin._id)).toMatchObject([
      { source: "poll", sellStart: launch },
    ]);

    await vivenu.act("PATCH", `/events/${berlin._id}`, { sellStart: null });
    await vivenu.deliverDue();
    while ((await translate()) === "more");
    expect((await readPayloads(sql, "event.updated.0")).at(-1)).toMatchObject({
      source: "webhook",
      eventId: berlin._id,
      sellStart: null,
      currency: "EUR",
    });

    // Sales are recount requests: they are counted, not believed.
    const counts = () => readCounts(sql);
    const before = await counts();
    const sale = { ticketTypeId: berlin.tickets[0]?._id, count: 2 };
    await vivenu.act("POST", `/events/${berlin._id}/sales`, sale);
    await vivenu.deliverDue();
    expect(await count()).toBe("idle");
    clock.forward(pace.debounceMs + SECOND);
    expect(await count()).toBe("more");
    const [after, ...others] = (await counts()).slice(before.length);
    expect(others).toEqual([]);
    const typeOf = (fact: typeof after) =>
      fact?.ticketTypes.find(({ ticketTypeId }) => ticketTypeId === sale.ticketTypeId);
    const earlier = before.find(({ eventId }) => eventId === berlin._id);
    expect((typeOf(after)?.sold ?? 0) - (typeOf(earlier)?.sold ?? 0)).toBe(2);
    expect(typeOf(after)?.newSales).toEqual({ "2026-11-18T12": 2 });

    await vivenu.act("DELETE", `/events/${berlin._id}`);
    await vivenu.deliverDue();
    while ((await translate()) === "more");
    expect(await readPayloads(sql, "event.deleted.0")).toMatchObject([
      { eventId: berlin._id, source: "webhook", name: berlin.name },
    ]);

    expect(await readInboxState(sql)).toEqual({
      waiting: 0,
      oldestWaitingAt: null,
      failing: 0,
      refused: 0,
    });
    expect(new Set(outcomes.slice(1).map(([outcome]) => outcome))).toEqual(new Set(["accepted"]));
    const everything = await dump(sql);
    const tickets = await vivenu.allTickets("DACH", `event=${berlin._id}`);
    const traces = tickets.flatMap(({ _id, secret, barcode, email, name }) =>
      [_id, secret, barcode, email, name].filter(Boolean),
    );
    expect(traces.length).toBeGreaterThan(tickets.length);
    expect(found(everything, ["@example.com", ...traces])).toEqual([]);
  } finally {
    await server.stop(true);
  }
});
