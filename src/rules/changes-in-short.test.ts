import { expect, test } from "bun:test";
import { changesInShort, type ShortChange } from "./changes-in-short.ts";

const change = (more: Partial<ShortChange> = {}): ShortChange => ({
  ...{ changeType: "ticketType", fieldName: "price", subjectName: "HYROX MEN" },
  ...{ severity: "medium", ...more },
});

test("what changed is said by its kind, the gravest first, and of one thing what it is of", () => {
  const sellStart = { changeType: "event", fieldName: "sellStart", subjectName: null };
  expect(
    changesInShort([
      change(),
      change({ subjectName: "HYROX WOMEN" }),
      change({ ...sellStart, severity: "critical" }),
      change({ changeType: "soldOut", fieldName: "available", severity: "high" }),
    ]),
  ).toBe("Sales start; Sold out: HYROX MEN; Price (2)");
});

test("what changed twice is one thing, and nothing is nothing", () => {
  expect(changesInShort([change(), change()])).toBe("Price: HYROX MEN");
  expect(changesInShort([])).toBeNull();
});

test("of many kinds the first four are said, and how many more there are", () => {
  const fields = ["price", "amount", "active", "category", "name", "added"];
  const changes = fields.map((fieldName) => change({ fieldName }));
  expect(changesInShort(changes)).toBe(
    "Price: HYROX MEN; Amount: HYROX MEN; Switched on: HYROX MEN; Category: HYROX MEN; 2 more",
  );
});
