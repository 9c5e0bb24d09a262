import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { UnusableEnvironment } from "../../config/faults.ts";
import { startDev } from "./dev.ts";
import { isPlayed } from "./systems.ts";

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

describe("dev starts nothing", () => {
  /** What it says is wrong; were nothing wrong, it would start. */
  const faultsOf = async (env: Record<string, string>) => {
    const error: unknown = await startDev({ DATA_DIR: "/nowhere", ...env }).catch(
      (failed) => failed,
    );
    if (!(error instanceof UnusableEnvironment)) throw error;
    return error.faults;
  };

  test("on a value that cannot be used, of its own settings or the service's", async () => {
    const wrong = {
      ...{ SANDBOX_LIVE_SALES: "maybe", SANDBOX_MIX: "perhaps", SANDBOX_SEASON: "tiny" },
      ...{ SANDBOX_PORT: "65533", PORT: "many", LOG_LEVEL: "loud", VIVENU_SECRET: "short" },
    };
    expect((await faultsOf(wrong)).toSorted()).toEqual([
      "LOG_LEVEL must be one of debug, info, warn, error",
      "PORT must be a whole number from 0 to 65535",
      "SANDBOX_LIVE_SALES must be on or off",
      "SANDBOX_MIX must be on or off",
      "SANDBOX_PORT must be a whole number from 1 to 65532",
      "SANDBOX_SEASON must be one of years, full, small",
      "VIVENU_SECRET must be 16 characters at least",
    ]);
  });

  test("on a name that is nearly one of those it reads", async () => {
    const slips = {
      SANDBOX_LIVE_SALE: "off",
      DACH_APIS: "key_of_dach",
      DATABSE_URL: "postgres://h/d",
    };
    expect((await faultsOf(slips)).toSorted()).toEqual([
      "DACH_APIS is no variable of this service; DACH_API is",
      "DATABSE_URL is no variable of this service; DATABASE_URL is",
      "SANDBOX_LIVE_SALE is no variable of this service; SANDBOX_LIVE_SALES is",
    ]);
  });

  test("where a key is set and Vivenu would be played all the same", async () => {
    expect(await faultsOf({ VIVENU_REGIONS: "SPAIN", DACH_API: "key_of_dach" })).toEqual([
      expect.stringContaining("DACH_API is set, but VIVENU_REGIONS names SPAIN"),
    ]);
  });

  test("in a folder that there cannot be, and says so in one sentence", async () => {
    expect(await faultsOf({ DATA_DIR: "/dev/null/data" })).toEqual([
      "DATA_DIR: /dev/null/data is no folder; set another",
    ]);
    expect(await faultsOf({ DATA_DIR: "/proc/data" })).toEqual([
      expect.stringMatching(/^DATA_DIR: \/proc\/data cannot be /),
    ]);
  });

  test("where a made-up season would go into what is real", async () => {
    const flowcore = { FLOWCORE_API_KEY: "fc_id_key" };
    const elsewhere = { DATABASE_URL: "postgres://service@db.example.com/monitor" };
    const told = `{
      channels: { a: { slack: "https://hooks.slack.com/services/T0/B0/0" } }, rules: [{ to: a }]
    }`;
    for (const [env, named] of [
      [{ NOTIFICATIONS: told }, "who is told by NOTIFICATIONS would be real"],
      [flowcore, "Flowcore would be real"],
      [elsewhere, "PostgreSQL would be real"],
      [{ ...elsewhere, ...flowcore }, "PostgreSQL and Flowcore would be real"],
    ] as const)
      expect(await faultsOf(env)).toEqual([expect.stringContaining(named)]);
  });
});
