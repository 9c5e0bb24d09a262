import { expect, test } from "bun:test";
import { sandboxSettings } from "./settings.ts";

test("a sandbox that is told nothing, or blanks, plays everything", () => {
  const everything = {
    firstPort: 18_800,
    plays: new Set(["PostgreSQL", "Flowcore", "Vivenu", "Google Sheets", "Notifications"]),
    ...{ liveSales: true, season: "years" as const },
  };
  expect(sandboxSettings({})).toEqual(everything);
  const blank = { SANDBOX_LIVE_SALES: "", SANDBOX_SEASON: " ", SANDBOX_PORT: "", SANDBOX_PLAY: "" };
  expect(sandboxSettings(blank)).toEqual(everything);
});

test("a sandbox names every value that it cannot use, and what it can", () => {
  const wrong = {
    ...{ SANDBOX_LIVE_SALES: "maybe", SANDBOX_SEASON: "tiny", SANDBOX_PORT: "80x" },
    SANDBOX_PLAY: "Vivenu,Google",
  };
  expect(() => sandboxSettings(wrong)).toThrow(
    "SANDBOX_PORT must be the first of four ports, 1 to 65532; " +
      "SANDBOX_PLAY names Google; there are PostgreSQL, Flowcore, Vivenu, Google Sheets, Notifications; " +
      'SANDBOX_LIVE_SALES must be on or off, not "maybe"; ' +
      'SANDBOX_SEASON must be years or full or small, not "tiny"',
  );
});
