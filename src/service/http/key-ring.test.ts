import { expect, test } from "bun:test";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readKeys } from "../../config/api-keys.ts";
import { createLogger } from "../../lib/logger.ts";
import { keyRing } from "./key-ring.ts";

const entry = (name: string, key: string) =>
  `${name}:read:${new Bun.CryptoHasher("sha256").update(key).digest("hex")}\n`;

test("keys of a file come and go without a restart, and a fault in it shuts nobody out", async () => {
  const folder = await mkdtemp(join(tmpdir(), "keys-"));
  const keysFile = join(folder, "keys");
  // As a cluster replaces a secret: in one step.
  const replace = async (text: string) => {
    await writeFile(`${keysFile}.new`, text);
    await rename(`${keysFile}.new`, keysFile);
  };
  try {
    await replace(entry("first", "one"));
    let now = 0;
    const lines: string[] = [];
    const ring = keyRing({
      settings: { named: [], keysFile },
      regions: ["DACH", "FRANCE"],
      clock: { now: () => new Date(now), pause: async () => {} },
      logger: createLogger("info", { write: (line) => void lines.push(line) }),
    });
    const names = async () => (await ring?.read())?.map(({ name }) => name);
    expect(await names()).toEqual(["first"]);
    await replace(entry("first", "one") + entry("second", "two"));
    expect(await names()).toEqual(["first"]);
    now += 1_000;
    expect(await names()).toEqual(["first", "second"]);
    await replace("second:read:not-a-digest");
    now += 1_000;
    expect(await names()).toEqual(["first", "second"]);
    expect(await ring?.problems()).toEqual([
      "API_KEYS_FILE: entry 1 must end with 64 hexadecimal digits: the SHA-256 of the key, and not the key. The keys that were read before are in force; mend the file.",
    ]);
    expect(lines.at(-1)).toContain("keys.unreadable");
    expect(lines.join()).not.toContain("not-a-digest");
    await rm(keysFile);
    now += 1_000;
    expect(await names()).toEqual(["first", "second"]);
    expect(await ring?.problems()).toEqual([expect.stringContaining("there is no such file")]);
    expect(lines.length).toBe(4);
    await replace(entry("second", "two"));
    now += 1_000;
    expect(await names()).toEqual(["second"]);
    expect(await ring?.problems()).toEqual([]);
    await replace(entry("second", "two").replace(":read:", ":read+account=DACHH+account=DACH:"));
    now += 1_000;
    expect(await names()).toEqual(["second"]);
    expect(await ring?.problems()).toEqual([
      'API_KEYS_FILE second names "DACHH", which is no account; there are DACH, FRANCE.',
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a key of the environment that the file gives another name or other scopes is a fault of the file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "keys-"));
  const keysFile = join(folder, "keys");
  let now = 0;
  const ring = keyRing({
    settings: { named: readKeys(entry("first", "one")).keys, keysFile },
    regions: ["DACH"],
    clock: { now: () => new Date(now), pause: async () => {} },
    logger: createLogger("silent"),
  });
  try {
    for (const [text, problem] of [
      [entry("second", "one"), "gives one key several names: first, second"],
      [entry("first", "one").replace(":read:", ":admin:"), "gives one key several scopes: first"],
      // On its way from the one to the other it stands in both.
      [entry("first", "one") + entry("second", "two"), undefined],
    ] as const) {
      await writeFile(keysFile, text);
      now += 1_000;
      expect(await ring?.problems()).toEqual(
        problem ? [expect.stringContaining(`API_KEYS_FILE: ${problem}.`)] : [],
      );
      const names = (await ring?.read())?.map(({ name, isAdmin }) => [name, isAdmin]);
      expect(names?.[0]).toEqual(["first", false]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("without any key configured there is no ring", () => {
  const clock = { now: () => new Date(0), pause: async () => {} };
  const logger = createLogger("silent");
  const settings = { named: [], keysFile: undefined };
  expect(keyRing({ settings, regions: [], clock, logger })).toBeUndefined();
});
