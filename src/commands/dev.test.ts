import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { UnusableEnvironment } from "../config.ts";
import { isPlayed, startDev } from "./dev.ts";

describe("dev plays Vivenu", () => {
  test("not where an account has a key, whatever else of env.example was left empty", async () => {
    const untouched = parseEnv(await readFile("env.example", "utf8"));
    expect(untouched.VIVENU_REGIONS).toBe("");
    expect(isPlayed("Vivenu", untouched)).toBe(true);
    expect(isPlayed("Vivenu", { ...untouched, DACH_API: "key_of_dach" })).toBe(false);
    expect(isPlayed("Vivenu", { VIVENU_REGIONS: " ", ITALY_API: "key_of_italy" })).toBe(false);
  });

  test("where none of the accounts that are named has one", () => {
    expect(isPlayed("Vivenu", { VIVENU_REGIONS: "SPAIN", DACH_API: "key_of_dach" })).toBe(true);
    expect(isPlayed("Vivenu", { VIVENU_REGIONS: "SPAIN", SPAIN_API: "key_of_spain" })).toBe(false);
  });
});

test("dev does not start on a word that the sandbox does not know", async () => {
  const wrong = { SANDBOX_LIVE_SALES: "maybe", SANDBOX_MIX: "yes", SANDBOX_SEASON: "tiny" };
  const started = startDev(wrong);
  await expect(started).rejects.toBeInstanceOf(UnusableEnvironment);
  await expect(started).rejects.toThrow("SANDBOX_LIVE_SALES must be on or off");
  await expect(started).rejects.toThrow("SANDBOX_SEASON must be full or small");
});
