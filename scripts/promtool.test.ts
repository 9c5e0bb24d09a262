import { expect, test } from "bun:test";
import { needsPromtool } from "./promtool.mjs";

test.each([
  [[], false],
  [["--all"], true],
  [["-t", "an alert"], true],
  [["test"], true],
  [["src/rules", "./test/deploy/"], true],
  [["test/deploy/monitoring.e2e.test.ts"], true],
  [["--verify"], false],
  [["src/rules"], false],
  [["src/rules/money.test.ts", "-t", "a price"], false],
] as const)(
  "a run of tests fetches promtool only where it comes to the alert rules: %j",
  (asked, needs) => {
    expect(needsPromtool(asked)).toBe(needs);
  },
);
