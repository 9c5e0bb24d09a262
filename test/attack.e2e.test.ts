import { expect, test } from "bun:test";
import { attack } from "./attack/attack.ts";
import { runs } from "./support/runs.ts";

/** `npm run attack` sends a million of each kind. */
const REQUESTS = runs(120);
const SEED = 1;

test("bad requests and hostile ones that are rightly signed leave nothing behind, and good webhooks are taken", async () => {
  const { faults, outcomes, goodMs, used } = await attack({ requests: REQUESTS, seed: SEED });
  expect(faults).toEqual([]);
  expect(goodMs.length).toBeGreaterThan(0);
  const of = (kind: RegExp) => Object.keys(outcomes).filter((name) => kind.test(name));
  for (const kind of [/^webhook unsigned: 401$/, /^read without a key: 401$/, /: cut$/])
    expect(of(kind)).not.toEqual([]);
  expect(of(/^signed and hostile: 200$/)).not.toEqual([]);
  expect(used.afterHostile.handles - used.before.handles).toBeLessThan(40);
});
