import { expect, test } from "bun:test";
import { z } from "zod";
import { fault, faultBoard } from "./board.ts";

const on = z.enum(["read", "write"]).optional();
const catalogue = { slow: fault({ ms: z.int() }), fail: fault({ on }) };
type Board = ReturnType<typeof boardOf>;
const boardOf = (settings?: Parameters<typeof faultBoard<typeof catalogue>>[1]) =>
  faultBoard(catalogue, settings);

/** Whom of so many a fault strikes, as a row of 0 and 1. */
const struck = (board: Board, name: "slow" | "fail", many = 40) =>
  Array.from({ length: many }, () => (board.strike(name) ? 1 : 0)).join("");

test("nothing strikes before something is set, nor after it is cleared", () => {
  const board = boardOf();
  expect([board.active, board.strike("fail")]).toEqual([false, undefined]);
  board.set({ fail: {} });
  expect([board.active, board.strike("fail")?.rule]).toEqual([true, { probability: 1, skip: 0 }]);
  board.clear();
  expect([board.active, board.strike("fail")]).toEqual([false, undefined]);
  expect(board.read()).toEqual({ settings: {}, injected: { fail: 1 } });
});

test("the same seed strikes the same ones again, another seed others", () => {
  const settings = { fail: { probability: 0.3 } };
  const first = struck(boardOf({ seed: 7, ...settings }), "fail");
  expect(struck(boardOf({ seed: 7, ...settings }), "fail")).toBe(first);
  expect(struck(boardOf({ seed: 8, ...settings }), "fail")).not.toBe(first);
  expect(first).toMatch(/^(?=.*1)(?=.*0)/);
  const board = boardOf({ seed: 7, ...settings });
  struck(board, "fail", 5);
  board.set({ seed: 7, ...settings });
  expect(struck(board, "fail")).toBe(first);
});

test("a second fault does not change whom the first one strikes", () => {
  const fail = { probability: 0.5 };
  const alone = struck(boardOf({ seed: 3, fail }), "fail");
  const both = boardOf({ seed: 3, fail, slow: { ms: 1, probability: 0.5 } });
  struck(both, "slow", 17);
  expect(struck(both, "fail")).toBe(alone);
});

test("`skip` lets the first ones pass, and `next` ends it after so many", () => {
  expect(struck(boardOf({ fail: { next: 2 } }), "fail", 5)).toBe("11000");
  expect(struck(boardOf({ fail: { skip: 2, next: 1 } }), "fail", 5)).toBe("00100");
  const some = struck(boardOf({ fail: { probability: 0.5, next: 3 } }), "fail");
  expect(some.replaceAll("0", "")).toBe("111");
});

test("of several rules the first one that is meant and strikes does", () => {
  const board = boardOf({ fail: [{ on: "write", next: 1 }, { on: "read" }] });
  const at = (place: "read" | "write") => board.strike("fail", (rule) => rule.on === place);
  expect(at("read")?.rule.on).toBe("read");
  expect(at("write")?.rule.on).toBe("write");
  expect(at("write")).toBeUndefined();
  expect(board.read().injected).toEqual({ fail: 2 });
});

test("wrong settings are refused by name, and what was set before stays", () => {
  const board = boardOf({ fail: { next: 5 } });
  const refusal = (settings: unknown) => {
    try {
      // The cast: over HTTP anything may come.
      board.set(settings as { seed: number });
    } catch (error) {
      return String(error);
    }
    return "not refused";
  };
  expect(refusal({ fail: [{}, { on: "both" }] })).toContain("fail.1.on: ");
  expect(refusal({ fail: { probability: 2 } })).toContain("fail.0.probability: ");
  expect(refusal({ slow: {} })).toContain("slow.0.ms: ");
  expect(refusal({ sloow: { ms: 1 } })).toContain('"sloow"');
  expect(refusal({ seed: "x", fail: {} })).toContain("seed: ");
  expect(refusal([])).toContain("expected object");
  expect(board.read().settings).toEqual({
    seed: 1,
    fail: [{ probability: 1, skip: 0, next: 5 }],
  });
});
