import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { TestDatabase } from "../../test/support/database.ts";
import { playedDatabase } from "../../test/support/played-database.ts";
import { breaches, type Page, playSmall, type TicketAnswer } from "./testing.ts";

let database: TestDatabase;
let vivenu: Awaited<ReturnType<typeof playSmall>>;

beforeAll(async () => {
  database = await playedDatabase();
  vivenu = await playSmall(database.sql);
});

afterAll(async () => {
  await vivenu.stop();
  await database[Symbol.asyncDispose]();
});

const tickets = (query: string) => vivenu.get<Page<TicketAnswer>>("DACH", `/api/tickets?${query}`);
const statusOf = async (path: string, init?: RequestInit) =>
  (await vivenu.ask("DACH", path, init)).status;

describe("accounts", () => {
  test("DACH is the seller of the fixtures, and keys look like Vivenu's", () => {
    const dach = vivenu.accounts.find(({ region }) => region === "DACH");
    expect(dach?.sellerId).toBe("6500a1b2c3d4e5f601020304");
    for (const { apiKey } of vivenu.accounts) expect(apiKey).toMatch(/^key_[0-9a-f]{32,48}$/);
  });

  test("a missing or unknown key is refused as an HttpError", async () => {
    for (const headers of [
      {},
      { authorization: "Bearer key_0000" },
      { authorization: "Basic a" },
    ]) {
      const response = await fetch(`${vivenu.url}/api/events?top=1&skip=0`, { headers });
      expect(response.status).toBe(401);
      const body = await response.json();
      expect(breaches("HttpError", body)).toEqual([]);
      expect(body).toMatchObject({ statusCode: "401", error: "Unauthorized" });
    }
  });

  test("a key opens its own account only", async () => {
    const auckland = await vivenu.event("AUSTRALIA", "HYROX Auckland");
    expect(await statusOf(`/api/events/${auckland._id}`)).toBe(404);
    expect(await tickets(`event=${auckland._id}`)).toEqual({ rows: [], total: 0 });
    const { rows } = await vivenu.events("DACH");
    expect(rows.map(({ name }) => name)).not.toContain(auckland.name);
  });

  test("the seller says who it is and in what it sells", async () => {
    const seller = await vivenu.get<Record<string, unknown>>("DACH", "/api/sellers/me");
    expect(seller).toMatchObject({ _id: "6500a1b2c3d4e5f601020304", currency: "EUR" });
  });
});

describe("events", () => {
  test("top and skip are required and bounded", async () => {
    for (const query of [
      "",
      "?top=25",
      "?skip=0",
      "?top=0&skip=0",
      "?top=1001&skip=0",
      "?top=1&skip=-1",
      "?top=x&skip=0",
    ]) {
      expect([query, await statusOf(`/api/events${query}`)]).toEqual([query, 400]);
    }
  });

  test("unknown parameters, operators and dates that are none are refused", async () => {
    for (const query of [
      "include=tickets",
      "constructor=1",
      "updatedAt=2026-01-01T00:00:00Z",
      "updatedAt[$foo]=2026-01-01T00:00:00Z",
      "updatedAt[$gte]=yesterday",
      "sortDir=2",
      "name[$gte]=a",
    ]) {
      expect([query, await statusOf(`/api/events?top=1&skip=0&${query}`)]).toEqual([query, 400]);
    }
  });

  test("paging yields every event once, in either direction", async () => {
    const { rows: all, total } = await vivenu.events("DACH");
    expect(total).toBe(3);
    const names: string[] = [];
    for (let skip = 0; skip < total; skip += 1) {
      const path = `/api/events?top=1&skip=${skip}&sortDir=-1`;
      const page = await vivenu.get<Page<{ name: string }>>("DACH", path);
      expect(page.total).toBe(total);
      names.push(...page.rows.map(({ name }) => name));
    }
    expect(names).toEqual(all.map(({ name }) => name).reverse());
  });

  test("changes since a moment are found, however the brackets are written", async () => {
    const { updatedAt, _id } = await vivenu.event("DACH", "HYROX Berlin");
    for (const name of ["updatedAt[$gte]", "updatedAt%5B%24gte%5D"]) {
      const path = `/api/events?top=25&skip=0&${name}=${updatedAt}&updatedAt[$lte]=${updatedAt}`;
      const page = await vivenu.get<Page<{ _id: string }>>("DACH", path);
      expect(page.rows.map((row) => row._id)).toEqual([_id]);
    }
  });

  test("an event is read by its id, another id is not found", async () => {
    const { _id } = await vivenu.event("DACH", "HYROX Berlin");
    const event = await vivenu.get("DACH", `/api/events/${_id}`);
    expect(breaches("EventResource", event)).toEqual([]);
    const missing = await vivenu.ask("DACH", "/api/events/680000000000000000000000");
    expect(missing.status).toBe(404);
    expect(breaches("HttpError", await missing.json())).toEqual([]);
  });
});

describe("tickets", () => {
  test("parameters that Vivenu does not have are refused", async () => {
    for (const query of [
      "ticketTypeId=1",
      "eventId=1",
      "createdAt=1",
      "origin=transfer",
      "underShopId=1",
      "modifiedSince=1",
      "sort=1",
      "top=0",
      "top=1001",
      "skip=-1",
      "status=SOLD",
      "event=abc",
      "start=2026-01-01",
      "end=x",
      "updatedAt=2026-01-01T00:00:00Z",
      "top=1&top=2",
    ]) {
      expect([query, await statusOf(`/api/tickets?${query}`)]).toEqual([query, 400]);
    }
  });

  test("25 come unasked, newest first, and pages make up the whole", async () => {
    const first = await tickets("");
    expect(first.rows.length).toBe(25);
    const all = await vivenu.allTickets("DACH", "");
    expect(all.length).toBe(first.total);
    expect(new Set(all.map(({ _id }) => _id)).size).toBe(first.total);
    const keys = all.map(({ createdAt, _id }) => `${createdAt} ${_id}`);
    expect(keys).toEqual(keys.toSorted().reverse());
    expect((await tickets(`skip=${first.total}`)).rows).toEqual([]);
    expect((await tickets(`skip=${first.total}`)).total).toBe(first.total);
  });

  test("statuses and events are lists", async () => {
    const all = await vivenu.allTickets("DACH", "");
    const sold = all.filter(({ status }) => status === "VALID" || status === "DETAILSREQUIRED");
    expect((await tickets("status=VALID,DETAILSREQUIRED&top=1")).total).toBe(sold.length);
    const [berlin, hamburg] = [
      await vivenu.event("DACH", "HYROX Berlin"),
      await vivenu.event("DACH", "HYROX Hamburg"),
    ];
    const both = all.filter(({ eventId }) => [berlin._id, hamburg._id].includes(eventId));
    expect((await tickets(`event=${berlin._id},${hamburg._id}&top=1`)).total).toBe(both.length);
  });

  test("start and end are inclusive and about createdAt", async () => {
    const { rows } = await tickets("top=10");
    const [newest, oldest] = [rows[0]?.createdAt ?? "", rows.at(-1)?.createdAt ?? ""];
    const all = await vivenu.allTickets("DACH", "");
    const within = all.filter(({ createdAt }) => createdAt >= oldest && createdAt <= newest);
    expect((await tickets(`start=${oldest}&end=${newest}&top=1`)).total).toBe(within.length);
    expect((await tickets(`start=${newest}`)).rows.map(({ _id }) => _id)).toContain(
      rows[0]?._id ?? "",
    );
  });

  test("changes since a moment are found for the whole account", async () => {
    const all = await vivenu.allTickets("DACH", "");
    const middle = all.map(({ updatedAt }) => updatedAt).sort()[Math.floor(all.length / 2)] ?? "";
    const since = all.filter(({ updatedAt }) => updatedAt >= middle).length;
    expect((await tickets(`updatedAt%5B%24gte%5D=${middle}&top=1`)).total).toBe(since);
    expect((await tickets(`updatedAt[$lt]=${middle}&top=1`)).total).toBe(all.length - since);
  });

  test("a holder, a barcode, a customer and a batch are found", async () => {
    const all = await vivenu.allTickets("DACH", "");
    const named = all.find(
      ({ name, customerId }) => name !== undefined && customerId !== undefined,
    );
    expect((await tickets(`barcode=${named?.barcode}`)).rows.map(({ _id }) => _id)).toEqual([
      named?._id ?? "",
    ]);
    for (const field of ["name", "customerId", "checkoutId"]) {
      const same = all.filter((ticket) => ticket[field] === named?.[field]).length;
      expect((await tickets(`${field}=${encodeURIComponent(String(named?.[field]))}`)).total).toBe(
        same,
      );
    }
    expect((await tickets("seatName=A1")).total).toBe(0);
    expect((await tickets("type=MULTI")).total).toBe(0);
  });

  test("tickets carry what must never come through: names, addresses, secrets, barcodes", async () => {
    const all = await vivenu.allTickets("DACH", "status=VALID");
    for (const ticket of all) {
      expect(ticket).toMatchObject({
        email: expect.stringMatching(/@example\.com$/),
        secret: expect.any(String),
        barcode: expect.any(String),
        extraFields: { phone: expect.any(String) },
      });
    }
    expect(new Set(all.map(({ secret }) => secret)).size).toBe(all.length);
    expect(
      breaches("TicketResource", await vivenu.get("DACH", `/api/tickets/${all[0]?._id}`)),
    ).toEqual([]);
  });
});

describe("webhooks", () => {
  const send = (method: string, path: string, body: unknown) =>
    vivenu.ask("DACH", path, { method, body: JSON.stringify(body) });
  const listener = {
    name: "Event monitor",
    url: "https://monitor.example.com/webhooks/vivenu/DACH",
    events: { "event.updated": true },
    hmacKey: "a-key",
  };

  test("a listener is registered, listed, replaced and deleted", async () => {
    const created = await send("POST", "/api/webhooks", listener);
    expect(created.status).toBe(201);
    const document = (await created.json()) as { _id: string };
    expect(breaches("POST_Webhooks_CreateANewWebhook_201_response", document)).toEqual([]);
    expect(document).toMatchObject({ ...listener, enabled: true });

    const list = await vivenu.get<{ docs: unknown[]; total: number }>(
      "DACH",
      "/api/webhooks?top=25&skip=0",
    );
    expect(breaches("GET_Webhooks_GetAllWebhooks_200_response", list)).toEqual([]);
    expect(list).toEqual({ docs: [document], total: 1 });
    expect(await vivenu.get<object>("FRANCE", "/api/webhooks")).toEqual({ docs: [], total: 0 });

    const { name, url } = listener;
    const replaced = await send("PUT", `/api/webhook/${document._id}`, {
      name,
      url,
      enabled: false,
    });
    expect(replaced.status).toBe(201);
    expect(await replaced.json()).toMatchObject({ enabled: false, events: {}, hmacKey: null });

    expect(await statusOf(`/api/webhook/${document._id}`, { method: "DELETE" })).toBe(200);
    expect(await statusOf(`/api/webhook/${document._id}`, { method: "DELETE" })).toBe(404);
    expect((await send("PUT", `/api/webhook/${document._id}`, listener)).status).toBe(404);
  });

  test("what Vivenu would refuse is refused", async () => {
    for (const wrong of [
      { name: "four" },
      { name: "x".repeat(31) },
      { url: "http://monitor.example.com/" },
      { url: "https://localhost/hook" },
      { url: "https://127.0.0.1/hook" },
      { url: "https://abc.ngrok.io/hook" },
      { url: "no url" },
      { events: { "event.exploded": true } },
      { events: ["event.updated"] },
      { hmacKey: 5 },
      { headers: {} },
    ]) {
      const { status } = await send("POST", "/api/webhooks", { ...listener, ...wrong });
      expect([wrong, status]).toEqual([wrong, 400]);
    }
    expect(await statusOf("/api/webhooks", { method: "POST", body: "{" })).toBe(400);
  });
});
