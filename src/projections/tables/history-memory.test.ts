import { describe, expect, test } from "bun:test";
import { historyMemory } from "./history-memory.ts";

const ORDER = "2026-02-01T10:00:00.000Z a";
const run = { order: ORDER, value: "{}", since: "2026-02-01T10:00:00.000Z" };

describe("what a replay remembers of the newest rows", () => {
  test("is there when it is asked for again, by table and event", () => {
    const memory = historyMemory();
    memory.newest("event_version").set("e", ORDER);
    memory.runs("ticket_type_version", "e").set("men", run);
    memory.sets("ids").add("[1]");
    expect(memory.newest("event_version").get("e")).toEqual(ORDER);
    expect(memory.newest("event_count").size).toBe(0);
    expect(memory.runs("ticket_type_version", "e").get("men")).toBe(run);
    expect(memory.runs("under_shop_version", "e").size).toBe(0);
    expect(memory.sets("ids").has("[1]")).toBe(true);
    expect(memory.sets("others").size).toBe(0);
  });

  test("is forgotten of one event whose facts came late, and of all when a transaction failed", () => {
    const memory = historyMemory();
    for (const eventId of ["late", "other"]) {
      memory.newest("event_version").set(eventId, ORDER);
      memory.runs("event_version", eventId).set("men", run);
    }
    memory.forget("late");
    expect([...memory.newest("event_version").keys()]).toEqual(["other"]);
    expect(memory.runs("event_version", "late").size).toBe(0);
    expect(memory.runs("event_version", "other").size).toBe(1);
    memory.clear();
    expect(memory.newest("event_version").size).toBe(0);
    expect(memory.runs("event_version", "other").size).toBe(0);
  });

  test("is of so many events and sets at most: the events not asked for the longest give way", () => {
    const memory = historyMemory({ events: 2 });
    for (const eventId of ["a", "b", "a", "c"]) memory.runs("t", eventId).set("men", run);
    expect(["c", "a", "b"].map((eventId) => memory.runs("t", eventId).size)).toEqual([1, 1, 0]);
    for (let n = 0; n < 5_000; n += 1) memory.sets("ids").add(String(n));
    expect(memory.sets("ids").size).toBe(5_000);
    memory.sets("ids").add("one more");
    expect(memory.sets("ids").size).toBe(0);
  });
});
