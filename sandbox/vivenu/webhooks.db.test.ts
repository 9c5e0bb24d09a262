import { afterEach, beforeEach, expect, test } from "bun:test";
import type { TestDatabase } from "../../test/support/database.ts";
import { playedDatabase } from "../../test/support/played-database.ts";
import { ATTEMPTS, deliveries, readDeliveryCounts, signatureOf } from "./deliveries.ts";
import { breaches, playSmall, stoppedClock } from "./testing.ts";

const MINUTE_MS = 60_000;

interface Envelope {
  id: string;
  sellerId: string;
  webhookId: string;
  type: string;
  mode: string;
  data: Record<string, unknown>;
}

/** The service's side: keeps what comes in and answers as it is told. */
function receiver() {
  const seen: { region: string; signature: string | null; body: string }[] = [];
  let answer = (): Response | Promise<Response> => new Response("", { status: 202 });
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      seen.push({
        region: new URL(request.url).pathname.slice(1),
        signature: request.headers.get("x-vivenu-signature"),
        body: await request.text(),
      });
      return answer();
    },
  });
  return {
    seen,
    target: (region: string) => `http://127.0.0.1:${server.port}/${region}`,
    answerWith(next: typeof answer) {
      answer = next;
    },
    envelopes: () => seen.map(({ body }) => JSON.parse(body) as Envelope),
    stop: () => server.stop(true),
  };
}

let database: TestDatabase;
let service: ReturnType<typeof receiver>;
let clock: ReturnType<typeof stoppedClock>;

beforeEach(async () => {
  database = await playedDatabase();
  service = receiver();
  clock = stoppedClock();
});

afterEach(async () => {
  await service.stop();
  await database[Symbol.asyncDispose]();
});

const play = (options = {}) =>
  playSmall(database.sql, { now: clock.now, webhookTarget: service.target, ...options });

async function sellOne(vivenu: Awaited<ReturnType<typeof play>>, division = "HYROX DOUBLES MIXED") {
  const event = await vivenu.event("DACH", "HYROX Berlin");
  const type = event.tickets.find(({ name }) => name.startsWith(division));
  const body = { ticketTypeId: type?._id, count: 1 };
  const sold = await vivenu.act("POST", `/events/${event._id}/sales`, body);
  expect(sold.status).toBe(201);
  const { tickets } = (await sold.json()) as { tickets: { id: string; status: string }[] };
  await vivenu.deliverDue();
  return tickets;
}

test("a body is signed as Vivenu's published example is", () => {
  const body =
    '{"id":"0b6f3a52-7f0e-4f5e-9c8e-2d9a5f0c1a77","type":"event.updated","mode":"dev","data":{"event":{"_id":"68f000000000000000000001","name":"HYROX Köln","start":"2026-10-10T05:00:00.000Z","end":"2026-10-11T20:00:00.000Z","maxAmount":1,"maxAmountPerOrder":1}}}';
  expect(signatureOf(body, "test-hmac-key")).toBe(
    "022efc8e92fe78553d52dad7724c49559511ce26e6aaec754bc06a932d4b1e58",
  );
});

test("a sale tells of each ticket and of the transaction, signed with the account's key", async () => {
  await using vivenu = await play();
  const tickets = await sellOne(vivenu);
  expect(tickets.length).toBe(2);
  const dach = vivenu.accounts.find(({ region }) => region === "DACH");
  for (const { region, signature, body } of service.seen) {
    expect(region).toBe("DACH");
    expect(signature).toBe(signatureOf(body, dach?.hmacKey ?? ""));
  }
  const envelopes = service.envelopes();
  expect(envelopes.map(({ type }) => type).sort()).toEqual([
    "ticket.created",
    "ticket.created",
    "transaction.complete",
  ]);
  for (const envelope of envelopes) {
    expect(breaches("webhook", envelope)).toEqual([]);
    expect(envelope).toMatchObject({ mode: "dev", sellerId: dach?.sellerId });
    expect(envelope.id).toMatch(/^[0-9a-f-]{36}$/);
    if (envelope.type === "ticket.created") {
      expect(breaches("webhook.ticket.created", envelope.data)).toEqual([]);
    }
  }
  const transaction = envelopes.find(({ type }) => type === "transaction.complete");
  expect(transaction?.data).toMatchObject({
    transaction: { status: "COMPLETE" },
    tickets: [{}, {}],
  });
});

test("a refund and a transfer invalidate tickets and say so", async () => {
  await using vivenu = await play();
  const [pair, partner] = await sellOne(vivenu);
  const [single] = await sellOne(vivenu, "HYROX MEN");
  service.seen.length = 0;
  expect((await vivenu.act("POST", `/tickets/${pair?.id}/refund`)).status).toBe(200);
  await vivenu.deliverDue();
  const types = () =>
    service
      .envelopes()
      .map(({ type }) => type)
      .sort();
  expect(types()).toEqual(["ticket.updated", "ticket.updated", "transaction.canceled"]);
  for (const { type, data } of service.envelopes()) {
    if (type === "ticket.updated") expect(breaches("webhook.ticket.updated", data)).toEqual([]);
  }
  expect((await vivenu.act("POST", `/tickets/${partner?.id}/refund`)).status).toBe(409);

  service.seen.length = 0;
  expect((await vivenu.act("POST", `/tickets/${single?.id}/transfer`)).status).toBe(200);
  await vivenu.deliverDue();
  expect(types()).toEqual(["ticket.created", "ticket.updated"]);
  const created = service.envelopes().find(({ type }) => type === "ticket.created");
  expect(created?.data).toMatchObject({
    ticket: { origin: "transfer", originTicketId: single?.id },
  });
});

test("a part of an order that is refunded cancels the order in part, told without tickets", async () => {
  await using vivenu = await play();
  const event = await vivenu.event("DACH", "HYROX Berlin");
  const type = event.tickets.find(({ name }) => name.startsWith("HYROX MEN"));
  const sold = await vivenu.act("POST", `/events/${event._id}/sales`, {
    ticketTypeId: type?._id,
    count: 2,
  });
  const { tickets } = (await sold.json()) as { tickets: { id: string }[] };
  await vivenu.act("POST", `/tickets/${tickets[0]?.id}/refund`);
  await vivenu.deliverDue();
  const told = service.envelopes().find(({ type }) => type === "transaction.partiallyCanceled");
  expect(Object.keys(told?.data ?? {})).toEqual(["transaction"]);
});

test("a changed, a new and a deleted event are told whole", async () => {
  await using vivenu = await play();
  const { _id, updatedAt } = await vivenu.event("DACH", "HYROX Hamburg");
  const sellStart = "2027-01-10T10:00:00.000Z";
  clock.forward(MINUTE_MS);
  expect((await vivenu.act("PATCH", `/events/${_id}`, { sellStart, slogan: null })).status).toBe(
    200,
  );
  await vivenu.act("POST", `/events/${_id}/copies`, { name: "HYROX Elsewhere" });
  expect((await vivenu.act("DELETE", `/events/${_id}`)).status).toBe(200);
  await vivenu.deliverDue();

  const told = new Map(service.envelopes().map((envelope) => [envelope.type, envelope.data]));
  expect([...told.keys()].sort()).toEqual(["event.created", "event.deleted", "event.updated"]);
  for (const [type, told_] of told) expect(breaches(`webhook.${type}`, told_)).toEqual([]);
  const { event } = told.get("event.updated") as { event: Record<string, string> };
  expect(event).toMatchObject({ _id, sellStart });
  expect(event).not.toHaveProperty("slogan");
  expect(event.updatedAt && event.updatedAt > updatedAt).toBe(true);
  expect(told.get("event.deleted")).toMatchObject({ event: { _id, tickets: expect.any(Array) } });
  expect((await vivenu.ask("DACH", `/api/events/${_id}`)).status).toBe(404);
  const names = (await vivenu.events("DACH")).rows.map(({ name }) => name);
  expect(names).toContain("HYROX Elsewhere");
  expect(names.some((name) => name.startsWith("HYROX Hamburg"))).toBe(false);
});

test("one secret can be every listener's key", async () => {
  await using vivenu = await play({ webhookSecret: "the-one-secret" });
  await sellOne(vivenu);
  for (const { signature, body } of service.seen) {
    expect(signature).toBe(signatureOf(body, "the-one-secret"));
  }
  expect(new Set(vivenu.accounts.map(({ hmacKey }) => hmacKey))).toEqual(
    new Set(["the-one-secret"]),
  );
});

test("a failing receiver is tried seven times over two hours with the same id, then given up", async () => {
  await using vivenu = await play();
  service.answerWith(() => new Response("", { status: 503 }));
  const event = await vivenu.event("DACH", "HYROX Berlin");
  await vivenu.act("PATCH", `/events/${event._id}`, { slogan: "Soon" });
  const attempts: number[] = [];
  for (let minute = 0; minute <= 180; minute += 0.5) {
    const before = service.seen.length;
    await vivenu.deliverDue();
    if (service.seen.length > before) attempts.push(minute);
    clock.forward(MINUTE_MS / 2);
  }
  expect(service.seen.length).toBe(ATTEMPTS);
  expect(new Set(service.envelopes().map(({ id }) => id)).size).toBe(1);
  const pauses = attempts.slice(1).map((minute, index) => minute - (attempts[index] ?? 0));
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  expect(attempts.at(-1)).toBeGreaterThan(110);
  expect(attempts.at(-1)).toBeLessThan(130);
  expect(await readDeliveryCounts(database.sql)).toEqual({ pending: 0, abandoned: 1 });
});

test("an answer of 4xx is final, one of 2xx too", async () => {
  await using vivenu = await play();
  const event = await vivenu.event("DACH", "HYROX Berlin");
  for (const status of [401, 404, 422, 200, 202]) {
    service.seen.length = 0;
    service.answerWith(() => new Response("", { status }));
    await vivenu.act("PATCH", `/events/${event._id}`, { slogan: `Answered ${status}` });
    await vivenu.deliverDue();
    clock.forward(180 * MINUTE_MS);
    await vivenu.deliverDue();
    expect([status, service.seen.length]).toEqual([status, 1]);
  }
  expect(await readDeliveryCounts(database.sql)).toEqual({ pending: 0, abandoned: 3 });
});

test("a receiver that hangs is one that failed", async () => {
  const vivenu = await play();
  const event = await vivenu.event("DACH", "HYROX Berlin");
  await vivenu.stop();
  await database.sql`
    insert into vivenu.delivery (id, listener_id, type, body, due_at, queued_at)
    select gen_random_uuid(), id, 'event.updated', ${event._id}, ${clock.now()}, ${clock.now()}
    from vivenu.listener where region = 'DACH'
  `;
  const { promise, resolve } = Promise.withResolvers<Response>();
  service.answerWith(() => promise);
  const sender = deliveries({ sql: database.sql, now: clock.now, log: () => {}, timeoutMs: 30 });
  await sender.deliverDue();
  await sender.stop();
  resolve(new Response(""));
  const rows = await database.sql`select attempts, answer from vivenu.delivery`;
  expect([...rows]).toEqual([{ attempts: 1, answer: "408" }]);
});

test("a restart keeps season and keys, goes on with what is pending, and follows a new target", async () => {
  const before = await play();
  service.answerWith(() => new Response("", { status: 503 }));
  const [sold] = await sellOne(before);
  const failed = new Set(service.envelopes().map(({ id }) => id));
  await before.stop();

  const moved = receiver();
  await using after = await play({ webhookTarget: moved.target });
  expect(after.accounts).toEqual(before.accounts);
  expect((await after.ask("DACH", `/api/tickets/${sold?.id}`)).status).toBe(200);
  clock.forward(MINUTE_MS);
  await after.deliverDue();
  expect(new Set(moved.envelopes().map(({ id }) => id))).toEqual(failed);
  expect(await readDeliveryCounts(database.sql)).toEqual({ pending: 0, abandoned: 0 });
  await moved.stop();
});

test("without a target nobody is told, and nothing piles up", async () => {
  await using vivenu = await play({ webhookTarget: undefined });
  await sellOne(vivenu);
  expect(await readDeliveryCounts(database.sql)).toEqual({ pending: 0, abandoned: 0 });
});
