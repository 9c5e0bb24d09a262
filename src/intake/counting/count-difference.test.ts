import { expect, test } from "bun:test";
import type { CountableTicket } from "../../rules/count.ts";
import { differencesBetween } from "./count-difference.ts";

const ticket = (more: Partial<CountableTicket> = {}): CountableTicket => ({
  ...{ ticketId: "t", ticketTypeId: "men", status: "VALID", origin: "yourticket" },
  ...{ createdAt: "2026-03-01T10:20:00.000Z", hasTrigger: false, addOnNames: [], ...more },
});

test("tickets that count as they did make no difference", () => {
  expect(differencesBetween([ticket()], [ticket()])).toEqual([]);
  expect(differencesBetween([], [])).toEqual([]);
});

test("a refunded ticket differs in what is sold, what is invalid and what was sold in its hour", () => {
  expect(differencesBetween([ticket()], [ticket({ status: "INVALID" })])).toEqual([
    { field: "sold", tickets: 1 },
    { field: "invalid", tickets: 1 },
    { field: "newSales", tickets: 1 },
  ]);
});

test("what is too many in one type and too few in another is added up, and so is what moved in time", () => {
  expect(differencesBetween([ticket()], [ticket({ ticketTypeId: "women" })])).toEqual([
    { field: "sold", tickets: 2 },
    { field: "newSales", tickets: 2 },
  ]);
  const later = ticket({ createdAt: "2026-03-01T11:20:00.000Z" });
  expect(differencesBetween([ticket(), ticket()], [ticket(), later])).toEqual([
    { field: "newSales", tickets: 2 },
  ]);
});
