import { expect, test } from "bun:test";
import { event } from "../../../test/support/found-tab.ts";
import { defaultLayout, headsOf, layout, type SheetRows } from "./layout.ts";

const nothing = { events: [], ticketTypes: [] };

test.each([
  [nothing, ["Events", "Ticket Types"]],
  [
    { ...nothing, changes: [], salesByDay: [], status: [] },
    ["Events", "Ticket Types", "Sales Date Changes", "Sales by Day", "Status"],
  ],
  [{ ...nothing, status: [] }, ["Events", "Ticket Types", "Status"]],
])("the tabs of %p are named without a look at any row", (rows, titles) => {
  expect(headsOf(rows, defaultLayout).map(({ title }) => title)).toEqual(titles);
  expect(layout(rows).map(({ title }) => title)).toEqual(titles);
});

test("a tab that nobody wants has no title", () => {
  const tabs = ["ticketTypes"] as const;
  expect(headsOf(nothing, { ...defaultLayout, tabs })).toEqual([
    { name: "ticketTypes", title: "Ticket Types", isLater: false },
  ]);
});

const tabOf = (rows: SheetRows, title: string, now?: Date) => {
  const found = layout(rows, defaultLayout, now).find((tab) => tab.title === title);
  if (!found) throw new Error(`no tab ${title}`);
  return found;
};

test("a change of which nobody can say when it was is no row, and the others are", () => {
  const change = {
    ...{ eventId: "e1", eventName: "HYROX Anytown", region: "DACH", timezone: "Europe/Berlin" },
    ...{ changeType: "event", source: "poll", severity: "medium" },
    previousValue: { value: 1, isInstant: false },
    newValue: { value: 2, isInstant: false },
    changedAt: "2026-03-01T08:00:00Z",
  };
  const changes = [
    { ...change, field: "before" },
    { ...change, field: "nowhere", changedAt: "some day" },
    { ...change, field: "behind" },
  ];
  const { rows, unshown } = tabOf({ ...nothing, changes }, "Sales Date Changes");
  expect(rows.map((row) => row[4])).toEqual(["before", "behind"]);
  expect(unshown.size).toBe(0);
});

test("an event whose date cannot be shown is a row all the same, and only that cell is left as it is", () => {
  const events = [event(), event({ eventId: "e2", eventDate: "some day" })];
  const { rows, unshown } = tabOf({ ...nothing, events }, "Events");
  expect(rows.map((row) => row[0])).toEqual(["e1", "e2"]);
  expect([...unshown].map(([row, columns]) => [row, ...columns])).toEqual([[1, 3]]);
});

test.each([
  ["2026-03-01T06:45:40Z", 1.24],
  ["2026-03-01T06:45:50Z", 1.24],
  ["2026-03-01T07:59:20Z", 0.01],
  ["2026-03-01T08:00:00Z", 0],
  [null, null],
])("what took place at %p has its age to the nearest hundredth of an hour", (at, age) => {
  const status = [{ item: "Last poll", value: 3, at }];
  const now = new Date("2026-03-01T08:00:00Z");
  expect(tabOf({ ...nothing, status }, "Status", now).rows[0]?.[3]).toBe(age);
});

test("the last line of Status says which clock the times of all tabs are of", () => {
  const status = [{ item: "DACH", value: "complete", at: "2026-03-01T08:00:00Z" }];
  const { rows } = tabOf({ ...nothing, status }, "Status");
  expect(rows.map(([item]) => item)).toEqual(["DACH", "Clock of Last Updated, Changed At and At"]);
  expect(rows.at(-1)?.[1]).toBe("UTC");
});
