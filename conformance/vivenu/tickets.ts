import { field, kinds, list } from "../http.ts";
import type { Probe } from "../probe.ts";
import type { Vivenu } from "./world.ts";

const NOBODYS_ID = "0123456789abcdef01234567";
const LATER = "2099-01-01T00:00:00.000Z";
const STATUSES = ["VALID", "INVALID", "RESERVED", "DETAILSREQUIRED", "BLANK"];

const of = (tickets: unknown[], name: string) => tickets.map((ticket) => field(ticket, name));

/** Tickets. Who holds one is never looked at: what comes back are kinds, counts and comparisons. */
export const tickets: Probe<Vivenu>[] = [
  {
    id: "vivenu/tickets",
    says: "Tickets come as `rows` and `total`.",
    certainty: "known",
    wanted: { status: 200, rows: "array", total: "number", docs: "undefined" },
    ask: async ({ get }) => {
      const { status, body } = await get("tickets", { top: 1, skip: 0 });
      return { status, ...kinds(body, "rows", "total", "docs") };
    },
  },
  {
    id: "vivenu/tickets-default-top",
    says: "Without `top` there are at most 25 tickets.",
    certainty: "likely",
    wanted: { status: 200, isAtMost25: true },
    ask: async ({ get }) => {
      const { status, body } = await get("tickets");
      return { status, isAtMost25: list(body, "rows").length <= 25 };
    },
  },
  {
    id: "vivenu/ticket",
    says: "A ticket names its event and its type by id, and has a status and the times it was made and changed.",
    certainty: "known",
    wanted: {
      ...{ _id: "string", eventId: "string", ticketTypeId: "string", status: "string" },
      ...{ createdAt: "string", updatedAt: "string" },
    },
    ask: async ({ sample }) =>
      kinds(
        (await sample()).tickets[0],
        ...["_id", "eventId", "ticketTypeId", "status", "createdAt", "updatedAt"],
      ),
  },
  {
    id: "vivenu/statuses",
    says: "A ticket's status is one of five.",
    certainty: "known",
    wanted: [],
    ask: async ({ sample }) =>
      of((await sample()).tickets, "status").filter((status) => !STATUSES.includes(String(status))),
  },
  {
    id: "vivenu/tickets-of-event",
    says: "`event` gives the tickets of that event and of no other.",
    certainty: "known",
    wanted: true,
    ask: async ({ sample }) => {
      const { tickets, eventId } = await sample();
      return of(tickets, "eventId").every((id) => id === eventId);
    },
  },
  {
    id: "vivenu/tickets-of-events",
    says: "`event` takes a list: one that has no tickets adds none.",
    certainty: "likely",
    wanted: true,
    ask: async ({ get, sample }) => {
      const { eventId, total } = await sample();
      const { body } = await get("tickets", { event: `${eventId},${NOBODYS_ID}`, top: 1, skip: 0 });
      return Number(field(body, "total")) >= total;
    },
  },
  {
    id: "vivenu/tickets-of-status",
    says: "`status` takes a list, and the totals of all five sum up to the total without it.",
    certainty: "known",
    wanted: { isSum: true, areOfIt: true },
    ask: async ({ get, sample }) => {
      const { eventId: event } = await sample();
      const page = async (status: string) =>
        (await get("tickets", { event, status, top: 5, skip: 0 })).body;
      const valid = await page("VALID,DETAILSREQUIRED");
      const others = await page("INVALID,RESERVED,BLANK");
      // Asked for now: tickets may be on sale.
      const { body: all } = await get("tickets", { event, top: 1, skip: 0 });
      const sum = Number(field(valid, "total")) + Number(field(others, "total"));
      return {
        isSum: Math.abs(sum - Number(field(all, "total"))) <= 5,
        areOfIt: of(list(valid, "rows"), "status").every((one) =>
          ["VALID", "DETAILSREQUIRED"].includes(String(one)),
        ),
      };
    },
  },
  {
    id: "vivenu/unknown-status",
    says: "A status that there is not is answered 400.",
    certainty: "guess",
    wanted: 400,
    ask: async ({ get }) => (await get("tickets", { status: "SOLD", top: 1 })).status,
  },
  {
    id: "vivenu/bad-event-id",
    says: "An event id that can be none is answered 400.",
    certainty: "guess",
    wanted: 400,
    ask: async ({ get }) => (await get("tickets", { event: "no-id", top: 1 })).status,
  },
  {
    id: "vivenu/created-window",
    says: "`start` and `end` are about when a ticket was made, and both take their own moment.",
    certainty: "likely",
    wanted: { hasIt: true, areAllOfIt: true },
    ask: async ({ get, sample }) => {
      const { tickets, eventId: event } = await sample();
      const at = String(field(tickets[1], "createdAt"));
      const { body } = await get("tickets", { event, start: at, end: at, top: 1000, skip: 0 });
      const rows = list(body, "rows");
      return {
        hasIt: of(rows, "_id").includes(field(tickets[1], "_id")),
        areAllOfIt: of(rows, "createdAt").every(
          (one) => Date.parse(String(one)) === Date.parse(at),
        ),
      };
    },
  },
  {
    id: "vivenu/tickets-changed-since",
    says: "`updatedAt[$gte]` gives what was changed since, of all the account's events.",
    certainty: "known",
    wanted: { status: 200, later: 0 },
    ask: async ({ get }) => {
      const { status, body } = await get("tickets", { "updatedAt[$gte]": LATER, top: 1, skip: 0 });
      return { status, later: field(body, "total") };
    },
  },
  {
    id: "vivenu/tickets-behind-the-end",
    says: "A page behind the last ticket is empty and has the total.",
    certainty: "known",
    wanted: { rows: 0, hasTotal: true },
    ask: async ({ get, sample }) => {
      const { eventId: event } = await sample();
      const { body } = await get("tickets", { event, top: 1, skip: 1_000_000 });
      return { rows: list(body, "rows").length, hasTotal: Number(field(body, "total")) > 0 };
    },
  },
  {
    id: "vivenu/newest-first",
    says: "Tickets come newest first.",
    certainty: "guess",
    wanted: true,
    ask: async ({ sample }) => {
      const times = of((await sample()).tickets, "createdAt").map((one) => Date.parse(String(one)));
      return times.every((time, at) => at === 0 || time <= (times[at - 1] ?? 0));
    },
  },
  {
    id: "vivenu/one-ticket",
    says: "A ticket is read by its id.",
    certainty: "likely",
    wanted: { status: 200, isIt: true },
    ask: async ({ get, sample }) => {
      const id = String(field((await sample()).tickets[0], "_id"));
      const { status, body } = await get(`tickets/${id}`);
      return { status, isIt: field(body, "_id") === id };
    },
  },
  {
    id: "vivenu/unknown-ticket",
    says: "A ticket that is not there is answered 404.",
    certainty: "likely",
    wanted: 404,
    ask: async ({ get }) => (await get(`tickets/${NOBODYS_ID}`)).status,
  },
];
