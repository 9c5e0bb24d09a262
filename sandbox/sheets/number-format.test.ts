import { expect, test } from "bun:test";
import { formatNumber } from "./number-format.ts";

/** 1 April 2026, 09:05:07. */
const serial = 46_113 + (9 * 3600 + 5 * 60 + 7) / 86_400;

test.each([
  [serial, "DATE_TIME", "yyyy-mm-dd hh:mm", "2026-04-01 09:05"],
  [serial, "DATE_TIME", undefined, "2026-04-01 09:05:07"],
  [serial, "DATE", "ddd, d mmm yy", "Wed, 1 Apr 26"],
  [serial, "DATE", "dddd d mmmm yyyy", "Wednesday 1 April 2026"],
  [serial, "TIME", "h:mm:ss am/pm", "9:05:07 AM"],
  [0.08333, "PERCENT", "0.00%", "8.33%"],
  [1, "PERCENT", "0%", "100%"],
  [1234567.5, "NUMBER", "#,##0.00", "1,234,567.50"],
  [99, "NUMBER", "0.00", "99.00"],
  [99.5, "NUMBER", "0.##", "99.5"],
  [-3, "NUMBER", "0;(0)", "(3)"],
  [12, "CURRENCY", `"EUR "0.00`, "EUR 12.00"],
  [12345, "SCIENTIFIC", "0.00E+00", "1.23E+4"],
])("%p as %s %p is shown as %p", (value, type, pattern, shown) => {
  expect(formatNumber(value, { type, pattern })).toBe(shown);
});

test("a number without a format is shown as it is", () => {
  expect(formatNumber(0.1 + 0.2)).toBe("0.3");
  expect(formatNumber(3100)).toBe("3100");
});
