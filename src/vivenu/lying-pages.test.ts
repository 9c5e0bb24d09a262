import { expect, test } from "bun:test";
import { EVENT_ID, listed } from "../../test/fixtures/vivenu/tickets.ts";
import { readAllTickets } from "./all-tickets.ts";
import { readChangedTickets } from "./changed-tickets.ts";
import type { TicketQuery } from "./client.ts";
import { parseTickets } from "./list-items.ts";
import { scan, type TicketReader } from "./scan.ts";

const AT = new Date("2026-06-01T10:00:00.000Z");

/** A server whose answers are written down: of tickets of one instant, which of them and how many in all. */
function answering(...answers: { ids: number[]; total: number }[]) {
  const asked: TicketQuery[] = [];
  const rows = listed(Array.from({ length: 4 }, () => AT.getTime())).map((row) => ({
    ...{ ...row, ticketTypeId: "men", status: "VALID" },
  }));
  const reader: TicketReader = {
    async readTicketsPage(query) {
      const { ids, total } = answers[asked.push(query) - 1] ?? { ids: [], total: 0 };
      const tickets = parseTickets(ids.map((id) => rows[id])).read;
      return { tickets, malformed: [], total, top: query.top, requests: 1 };
    },
  };
  return { reader, asked };
}

const moment = { since: AT, until: AT, pageSize: 2 };

test("an instant of more changes than fit a page is read page by page", async () => {
  const { reader, asked } = answering({ ids: [0, 1], total: 3 }, { ids: [2], total: 3 });
  const read = await readChangedTickets(reader, moment);
  expect(read).toMatchObject({ complete: true, requests: 2 });
  expect(read.tickets).toHaveLength(3);
  expect(asked.map(({ skip }) => skip)).toEqual([undefined, 2]);
});

test.each([
  ["is longer than what should be left", { ids: [2, 3], total: 3 }],
  ["says another total", { ids: [2], total: 4 }],
  ["repeats a ticket", { ids: [1], total: 3 }],
  ["is empty", { ids: [], total: 3 }],
])("changes of one instant are not complete where a page %s", async (_, second) => {
  const { reader } = answering({ ids: [0, 1], total: 3 }, second);
  expect(await readChangedTickets(reader, moment)).toMatchObject({ complete: false });
});

test.each([
  ["is longer than what should be left", { ids: [2, 3], total: 3 }],
  ["says another total", { ids: [2], total: 4 }],
  ["repeats a ticket", { ids: [1], total: 3 }],
  ["is empty", { ids: [], total: 3 }],
])("an event's tickets are not complete where a page of one instant %s", async (_, second) => {
  const { reader } = answering({ ids: [0, 1], total: 3 }, second, { ids: [0], total: 3 });
  const read = await readAllTickets(reader, { ...moment, eventId: EVENT_ID });
  expect(read.complete).toBe(false);
});

test("after more than one page it is asked once more whether as many are there", async () => {
  const pages = [
    { ids: [0, 1], total: 3 },
    { ids: [2], total: 3 },
  ];
  const still = answering(...pages, { ids: [0], total: 3 });
  const all = { ...moment, eventId: EVENT_ID };
  expect(await readAllTickets(still.reader, all)).toMatchObject({ complete: true, requests: 3 });
  const moved = answering(...pages, { ids: [0], total: 4 });
  expect(await readAllTickets(moved.reader, all)).toMatchObject({ complete: false });
  const onePage = answering({ ids: [0, 1], total: 2 });
  expect(await readAllTickets(onePage.reader, all)).toMatchObject({ complete: true, requests: 1 });
});

test("a page that has all there is makes the pages behind it no smaller", async () => {
  const { reader, asked } = answering(
    ...[
      { ids: [0, 1], total: 2 },
      { ids: [2], total: 1 },
    ],
  );
  const pages = scan(reader, { eventId: EVENT_ID, pageSize: 4 });
  const at = AT.getTime();
  await pages.read({ from: at, until: at + 9 });
  await pages.read({ from: at, until: at });
  expect(asked.map(({ top }) => top)).toEqual([4, 4]);
});
