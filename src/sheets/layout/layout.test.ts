import { expect, test } from "bun:test";
import { defaultLayout, layout, titlesOf } from "./layout.ts";

const nothing = { events: [], ticketTypes: [] };

test.each([
  [nothing, ["Events", "Ticket Types"]],
  [
    { ...nothing, changes: [], salesByDay: [], status: [] },
    ["Events", "Ticket Types", "Sales Date Changes", "Sales by Day", "Status"],
  ],
  [{ ...nothing, status: [] }, ["Events", "Ticket Types", "Status"]],
])("the tabs of %p are named without a look at any row", (rows, titles) => {
  expect(titlesOf(rows, defaultLayout)).toEqual(titles);
  expect(layout(rows).map(({ title }) => title)).toEqual(titles);
});

test("a tab that nobody wants has no title", () => {
  const tabs = ["ticketTypes"] as const;
  expect(titlesOf(nothing, { ...defaultLayout, tabs })).toEqual(["Ticket Types"]);
});
