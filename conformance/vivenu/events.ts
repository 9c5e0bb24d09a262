import { field, kindOf, kinds, list, request } from "../http.ts";
import type { Probe } from "../probe.ts";
import type { Vivenu } from "./world.ts";

const NOBODYS_ID = "0123456789abcdef01234567";
const LATER = "2099-01-01T00:00:00.000Z";

/** Who asks, and events. */
export const events: Probe<Vivenu>[] = [
  {
    id: "vivenu/no-key",
    says: "Without a key an account's API answers 401.",
    certainty: "likely",
    wanted: 401,
    ask: async ({ url }) => (await request(`${url}/api/events?top=1&skip=0`)).status,
  },
  {
    id: "vivenu/wrong-key",
    says: "A key that was never handed out is answered 401.",
    certainty: "likely",
    wanted: 401,
    ask: async ({ url }) => {
      const headers = { authorization: `Bearer key_${"0".repeat(40)}` };
      return (await request(`${url}/api/events?top=1&skip=0`, { headers })).status;
    },
  },
  {
    id: "vivenu/unknown-route",
    says: "A path that there is not is answered 404.",
    certainty: "likely",
    wanted: 404,
    ask: async ({ get }) => (await get("no-such-thing")).status,
  },
  {
    id: "vivenu/seller",
    says: "The account's owner has an id and a currency.",
    certainty: "likely",
    wanted: { status: 200, _id: "string", currency: "string" },
    ask: async ({ get }) => {
      const { status, body } = await get("sellers/me");
      return { status, ...kinds(body, "_id", "currency") };
    },
  },
  {
    id: "vivenu/events",
    says: "Events come as `rows` and `total`, no more than `top`.",
    certainty: "known",
    wanted: { status: 200, rows: 1, total: "number", docs: "undefined" },
    ask: async ({ get }) => {
      const { status, body } = await get("events", { top: 1, skip: 0 });
      return { status, rows: list(body, "rows").length, ...kinds(body, "total", "docs") };
    },
  },
  {
    id: "vivenu/events-skip",
    says: "`skip` leaves out so many, and the rest is told in `total` all the same.",
    certainty: "known",
    wanted: { rows: 0, isSameTotal: true },
    ask: async ({ get }) => {
      const { body: all } = await get("events", { top: 1, skip: 0 });
      const { body } = await get("events", { top: 1, skip: 100_000 });
      const isSameTotal = field(body, "total") === field(all, "total");
      return { rows: list(body, "rows").length, isSameTotal };
    },
  },
  {
    id: "vivenu/events-need-top",
    says: "Events without `top` and `skip` are answered 400.",
    certainty: "guess",
    wanted: 400,
    ask: async ({ get }) => (await get("events")).status,
  },
  {
    id: "vivenu/top-range",
    says: "`top` is 1 to 1,000: what is outside is answered 400.",
    certainty: "likely",
    wanted: [400, 400],
    ask: async ({ get }) => [
      (await get("events", { top: 0, skip: 0 })).status,
      (await get("events", { top: 1001, skip: 0 })).status,
    ],
  },
  {
    id: "vivenu/unknown-parameter",
    says: "A parameter that an endpoint does not have is answered 400, on events as on tickets.",
    certainty: "likely",
    wanted: [400, 400, 400, 400],
    ask: async ({ get }) => [
      (await get("events", { top: 1, skip: 0, include: "tickets" })).status,
      (await get("tickets", { top: 1, eventId: NOBODYS_ID })).status,
      (await get("tickets", { top: 1, modifiedSince: LATER })).status,
      (await get("tickets", { top: 1, ticketTypeId: NOBODYS_ID })).status,
    ],
  },
  {
    id: "vivenu/error",
    says: "A refusal is JSON with `statusCode`, `error` and `message`.",
    certainty: "likely",
    wanted: { error: "string", message: "string" },
    ask: async ({ get }) => kinds((await get(`events/${NOBODYS_ID}`)).body, "error", "message"),
  },
  {
    id: "vivenu/events-changed-since",
    says: "`updatedAt[$gte]` leaves out what was not changed since.",
    certainty: "known",
    wanted: { status: 200, total: 0 },
    ask: async ({ get }) => {
      const { status, body } = await get("events", { top: 1, skip: 0, "updatedAt[$gte]": LATER });
      return { status, total: field(body, "total") };
    },
  },
  {
    id: "vivenu/comparison",
    says: "A time is compared with a `$` operator in brackets: a bare one is answered 400.",
    certainty: "guess",
    wanted: 400,
    ask: async ({ get }) => (await get("events", { top: 1, skip: 0, updatedAt: LATER })).status,
  },
  {
    id: "vivenu/events-sorted",
    says: "`sortDir=-1` turns the order of the events round.",
    certainty: "guess",
    wanted: true,
    ask: async ({ get }) => {
      const { body: first } = await get("events", { top: 1, skip: 0, sortDir: 1 });
      const last = Number(field(first, "total")) - 1;
      const { body: turned } = await get("events", { top: 1, skip: last, sortDir: -1 });
      return field(first, "rows", 0, "start") === field(turned, "rows", 0, "start");
    },
  },
  {
    id: "vivenu/event",
    says: "An event has these fields, and neither a sold count nor a currency nor a status.",
    certainty: "known",
    wanted: {
      ...{ _id: "string", name: "string", start: "string", end: "string", maxAmount: "number" },
      ...{ maxAmountPerOrder: "number", tickets: "array" },
      ...{ sold: "undefined", currency: "undefined", status: "undefined" },
    },
    ask: async ({ get, sample }) => {
      const { body } = await get(`events/${(await sample()).eventId}`);
      return kinds(
        body,
        ...["_id", "name", "start", "end", "maxAmount", "maxAmountPerOrder", "tickets"],
        ...["sold", "currency", "status"],
      );
    },
  },
  {
    id: "vivenu/ticket-type",
    says: "A ticket type has id, name, price, amount and whether it is active, and nothing of what is sold.",
    certainty: "known",
    wanted: {
      ...{ _id: "string", name: "string", price: "number", amount: "number", active: "boolean" },
      ...{ sold: "undefined", available: "undefined" },
    },
    ask: async ({ sample }) =>
      kinds(
        field((await sample()).event, "tickets", 0),
        ...["_id", "name", "price", "amount", "active", "sold", "available"],
      ),
  },
  {
    id: "vivenu/event-in-list",
    says: "In the list an event has its ticket types too.",
    certainty: "known",
    wanted: "array",
    ask: async ({ sample }) => kindOf(field((await sample()).event, "tickets")),
  },
  {
    id: "vivenu/unknown-event",
    says: "An event that is not there is answered 404.",
    certainty: "known",
    wanted: 404,
    ask: async ({ get }) => (await get(`events/${NOBODYS_ID}`)).status,
  },
];
