import { expect, test } from "bun:test";
import type { Column, Shape, Tab } from "../layout/layout.ts";
import { seenTabs } from "./seen-tabs.ts";

const column = (header: string, more: Partial<Column> = {}): Column => ({
  ...{ header, kind: "text", format: null, width: 100, role: "fact" },
  ...more,
});
const columns = [
  column("Event ID", { role: "key" }),
  column("Price", { kind: "money" }),
  column("New value", { isMixed: true }),
];
const euros: Shape = { kind: "money", format: { type: "CURRENCY", pattern: '#,##0.00 "EUR"' } };
const pounds: Shape = { kind: "money", format: { type: "CURRENCY", pattern: '#,##0.00 "GBP"' } };
const text: Shape = { kind: "text", format: null };

/** Of each row the money column's shape, and that of the column in which each cell has its own. */
const tab = (more: Partial<Tab> = {}, [money, mixed] = [euros, text]): Tab => ({
  ...{ name: "events", title: "Events", columns, strikesVanished: true, isLater: false },
  rows: [
    ["berlin", 99, "7"],
    ["paris", 89, "8"],
  ],
  shapeAt: (_, at) => [text, money, mixed][at] ?? text,
  ...{ gone: new Set(), unstruck: new Set(), unshown: new Map() },
  ...{ frozenColumns: 1, isFiltered: true },
  ...more,
});

/** A tab of prices alone. */
const priced = (shape: Shape) =>
  tab({ columns: columns.slice(0, 2), rows: [["berlin", 99]] }, [shape, text]);

test("of tabs those are looked at again of which something else is wanted than when they were last so", () => {
  const seen = seenTabs();
  const other = tab({ title: "Status" });
  expect(seen.isEmpty()).toBe(true);
  expect(seen.differing([tab(), other])).toHaveLength(2);
  seen.keep([tab()]);
  expect(seen.isEmpty()).toBe(false);
  expect(seen.differing([tab(), other]).map(({ title }) => title)).toEqual(["Status"]);
  seen.forget();
  expect(seen.isEmpty()).toBe(true);
  expect(seen.differing([tab()])).toHaveLength(1);
});

test.each<[string, Tab, Tab]>([
  [
    "a value",
    tab(),
    tab({
      rows: [
        ["berlin", 99, "7"],
        ["paris", 88, "8"],
      ],
    }),
  ],
  ["the order of the rows", tab(), tab({ rows: tab().rows.toReversed() })],
  ["a header", tab(), tab({ columns: columns.with(0, column("Event", { role: "key" })) })],
  ["which rows are gone", tab(), tab({ gone: new Set([1]) })],
  ["which ids are there all the same", tab(), tab({ unstruck: new Set(["rome"]) })],
  ["which cells stay as they are", tab(), tab({ unshown: new Map([[0, new Set([1])]]) })],
  ["an amount's currency", tab(), tab({}, [pounds, text])],
  ["the currency of the only amounts", priced(euros), priced(pounds)],
  ["what kind a cell is of", tab(), tab({}, [euros, { kind: "count", format: null }])],
])("a tab is looked at again of which %s is another", (_, before, now) => {
  const seen = seenTabs();
  seen.keep([before]);
  expect(seen.differing([before])).toEqual([]);
  expect(seen.differing([now])).toHaveLength(1);
});
