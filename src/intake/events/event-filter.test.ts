import { expect, test } from "bun:test";
import { eventFilter } from "./event-filter.ts";

const event = (name: string, _id = "an-id") => ({ _id, name });
const none = { include: [], exclude: [] };

test("HYROX events are wanted however they are written, and nothing else is", () => {
  const { wants } = eventFilter({ name: "hyrox", ...none });
  for (const name of ["HYROX Köln", "LEGENDZ Hyrox Miami Beach", "hyroxparis"])
    expect(wants("DACH", event(name))).toBe(true);
  for (const name of ["Gift card", "Season pass", "HYR OX", ""])
    expect(wants("DACH", event(name))).toBe(false);
});

test("single events are let in or kept out by their ids, and keeping out counts more", () => {
  const filter = eventFilter({ name: "hyrox", include: ["a", "b"], exclude: ["b", "c"] });
  expect(filter.wants("DACH", event("Gift card", "a"))).toBe(true);
  expect(filter.wants("DACH", event("Gift card", "b"))).toBe(false);
  expect(filter.wants("DACH", event("HYROX Köln", "c"))).toBe(false);
  expect(filter.wants("DACH", event("HYROX Köln", "d"))).toBe(true);
});

test("a star lets everything in but what is kept out", () => {
  const { wants } = eventFilter({ name: "*", include: [], exclude: ["c"] });
  expect(wants("DACH", event("Gift card"))).toBe(true);
  expect(wants("DACH", event("Gift card", "c"))).toBe(false);
});

test("an event that cannot be read is wanted by its name, or its id where that is told", () => {
  const { wantsUnreadable } = eventFilter({ name: "hyrox", include: ["a"], exclude: ["c"] });
  expect(wantsUnreadable({ id: "d", name: "HYROX Köln" })).toBe(true);
  expect(wantsUnreadable({ id: null, name: "HYROX Köln" })).toBe(true);
  expect(wantsUnreadable({ id: "d", name: "Gift card" })).toBe(false);
  expect(wantsUnreadable({ id: "a", name: null })).toBe(true);
  expect(wantsUnreadable({ id: "c", name: "HYROX Köln" })).toBe(false);
  expect(wantsUnreadable({ id: "d", name: null })).toBeUndefined();
  expect(wantsUnreadable({ id: null, name: null })).toBeUndefined();
});
