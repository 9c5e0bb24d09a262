import { describe, expect, test } from "bun:test";
import { makeApiKey } from "../commands/api-key.ts";
import { readKeys } from "./api-keys.ts";

/** SHA-256 of "abc", from FIPS 180-2. */
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

const of = (key: string) => new Bun.CryptoHasher("sha256").update(key).digest("hex");

describe("a key of API_KEYS", () => {
  test("has a name, scopes and a digest, which is shown nowhere", () => {
    const { keys, faults } = readKeys(
      `one:read:${ABC}, boss:admin:${of("b")},\n# a remark, with commas\npartner:read+account=dach+account=UK_IRELAND:${of("c")} # theirs\n\nrace:read+event=68f0,event:read:${of("d").toUpperCase()}`,
    );
    expect(faults).toEqual(["entry 4 must be name:scopes:sha256, as `api-key` prints it"]);
    expect(keys.map(({ digest, ...key }) => ({ ...key, digest: digest.reveal() }))).toEqual([
      { name: "one", isAdmin: false, digest: ABC },
      { name: "boss", isAdmin: true, digest: of("b") },
      { name: "partner", isAdmin: false, accounts: ["DACH", "UK_IRELAND"], digest: of("c") },
      { name: "event", isAdmin: false, digest: of("d") },
    ]);
    expect(JSON.stringify(keys) + Bun.inspect(keys)).not.toContain(ABC);
  });

  test.each([
    ["one", "must be name:scopes:sha256"],
    [`one:read`, "must be name:scopes:sha256"],
    [`one:read:${ABC}:more`, "must be name:scopes:sha256"],
    [`:read:${ABC}`, "needs a name"],
    [`default:read:${ABC}`, "needs a name"],
    [`o ne:read:${ABC}`, "needs a name"],
    [`one:read:my-secret-key-in-plain-text`, "64 hexadecimal digits"],
    [`one:write:${ABC}`, "has other scopes than"],
    [`one:account=DACH:${ABC}`, "has other scopes than"],
    [`one:read+account=:${ABC}`, "has other scopes than"],
    [`one::${ABC}`, "has other scopes than"],
    [`one:read+account=DACH+event=e1:${ABC}`, "to accounts or to events, not both"],
    [`one:admin+event=e1:${ABC}`, "is admin"],
    [`one:read:${ABC},one:read:${ABC}`, "names one key twice"],
    [`one:read:${ABC},two:admin:${ABC.toUpperCase()}`, "gives one key several names: one, two"],
    [`one:read:${ABC},one:admin:${ABC}`, "names one key twice"],
  ])("is refused, and nothing of it is repeated: %s", (text, told) => {
    const { faults } = readKeys(text);
    expect(faults.join()).toContain(told);
    expect(faults.join()).not.toContain("my-secret-key");
  });

  test("is made by a command that shows it once, and the line that it is known by", () => {
    const made = makeApiKey({ name: "dash", scopes: "read+account=DACH" });
    const { key, line } = made.value as { key: string; line: string };
    expect(key).toMatch(/^vem_[\w-]{32}$/);
    expect(made.text).toContain(key);
    const digest = new Bun.CryptoHasher("sha256").update(key).digest("hex");
    expect(line).toBe(`dash:read+account=DACH:${digest}`);
    expect(line).not.toContain(key);
    expect(() => makeApiKey({ name: "default", scopes: "read" })).toThrow("the key needs a name");
    expect(makeApiKey({ name: "dash", scopes: "read" }).text).not.toContain(key);
  });
});
