import { expect, test } from "bun:test";
import { event } from "../../../test/support/found-tab.ts";
import { defaultLayout, layout } from "./layout.ts";
import { widthOf } from "./widths.ts";

const widthsOf = (eventName: string) => {
  const [tab] = layout({ events: [event({ eventName })], ticketTypes: [] }, defaultLayout);
  if (!tab) throw new Error("no tab");
  return new Map(tab.columns.map(({ header }, at) => [header, widthOf(tab, at)]));
};

test("a name's column is as wide as the longest name, up to a bound", () => {
  const [short, long, endless] = [20, 30, 300].map((n) =>
    widthsOf("x".repeat(n)).get("Event Name"),
  );
  expect(short).toBeLessThan(long ?? 0);
  expect(endless).toBe(280);
});

test("a tab that is made before anything is known has room for what will come", () => {
  const [tab] = layout({ events: [], ticketTypes: [] }, defaultLayout);
  if (!tab) throw new Error("no tab");
  expect(widthOf(tab, 2)).toBe(280);
});

test("no header is cut, and an id is not the widest", () => {
  const widths = widthsOf("HYROX Anytown Convention Centre");
  for (const [header, width] of widths) expect(width).toBeGreaterThanOrEqual(header.length * 7.5);
  expect(widths.get("Event ID")).toBeLessThan(widths.get("Event Name") ?? 0);
});
