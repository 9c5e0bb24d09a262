import { expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { MissingCredentials } from "../conformance/probe.ts";
import { systems } from "../conformance/systems.ts";

const root = join(import.meta.dir, "..");

/** `Probe: flowcore/order.`, `Probes: a/b, a/c.`: what the sandbox's comments name. */
async function namedInSandbox() {
  const named = new Map<string, string[]>();
  for await (const file of new Glob("sandbox/**/*.ts").scan(root)) {
    if (file.endsWith(".test.ts")) continue;
    const text = (await Bun.file(join(root, file)).text()).replaceAll(/\n\s*(\/\/|\*) /g, " ");
    for (const [, ids = ""] of text.matchAll(/\bProbes?: ([a-z]+\/[a-z0-9/, -]*[a-z0-9])/g))
      named.set(file, [...(named.get(file) ?? []), ...ids.split(", ")]);
  }
  return named;
}

const everyId = systems.flatMap(({ ids }) => ids);

test("each rule of the sandbox that names a probe names one that is there, and each probe is named", async () => {
  const named = [...(await namedInSandbox()).values()].flat();
  expect(named.filter((id) => !everyId.includes(id))).toEqual([]);
  expect(everyId.filter((id) => !named.includes(id))).toEqual([]);
  expect(everyId.filter((id, at) => everyId.indexOf(id) !== at)).toEqual([]);
});

/** Where the sandbox refuses something in an outside system's words, or answers one of its routes. */
const PLAYS_A_RULE =
  /new (Problem|HttpError|Refusal)\(\s*\d|throw invalid\(|\b(app|api)\.(get|post|put|patch|delete)\(/;

/** Our own ways in, which no outside system has, and what one key alone cannot show. */
const NOT_PROBED = [
  // Another tenant's data core is answered 403: one key has one tenant.
  "sandbox/datacore/problem.ts",
  // Who registers on a real tenant to find out is handed a production's commands.
  "sandbox/datacore/pathways.ts",
  // Whom a protection keeps out, one account cannot see; a quota would have to be used up.
  "sandbox/sheets/protection.ts",
  "sandbox/sheets/quota.ts",
  // Its 404 is for what is no method of the API.
  "sandbox/sheets/server.ts",
  "sandbox/vivenu/admin.ts",
  "sandbox/vivenu/event-changes.ts",
  "sandbox/vivenu/sales.ts",
  "sandbox/vivenu/faults.ts",
  "sandbox/datacore/faults.ts",
  "sandbox/sheets/faults.ts",
  "sandbox/sheets/person.ts",
];

test("each file of the sandbox that refuses or answers as an outside system does names a probe", async () => {
  const named = await namedInSandbox();
  const without: string[] = [];
  for await (const file of new Glob("sandbox/{datacore,vivenu,sheets}/**/*.ts").scan(root)) {
    if (file.endsWith(".test.ts") || NOT_PROBED.includes(file) || named.has(file)) continue;
    if (PLAYS_A_RULE.test(await Bun.file(join(root, file)).text())) without.push(file);
  }
  expect(without.sort()).toEqual([]);
});

test("a system whose credentials are not set is not asked", () => {
  for (const { name, open } of systems)
    expect(() => open({}, { signal: new AbortController().signal }), name).toThrow(
      MissingCredentials,
    );
});
