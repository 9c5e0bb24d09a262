import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { playDatacore } from "../sandbox/datacore/server.ts";
import { emptyDatabase } from "./support/database.ts";

const main = join(import.meta.dir, "..", "conformance", "main.ts");

async function conformance(args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [main, ...args], { env });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => said.push(part));
  const [code] = await once(child, "close");
  return { code, said: Buffer.concat(said).toString() };
}

test("a run against a system that differs prints what differs and no key, and leaves nothing behind", async () => {
  await using database = await emptyDatabase();
  const { sql } = database;
  const apiKey = "fc_probes_c0ffee";
  const options = { sql, port: 0, apiKey, tenant: "made-up", log: () => {} };
  const played = await playDatacore({ ...options, unknownTypeStatus: 404 });
  try {
    const env = { FLOWCORE_TENANT: "made-up", FLOWCORE_API_KEY: apiKey };
    const { code, said } = await conformance(["flowcore", "--write", "--url", played.url], env);
    expect(said).toMatch(/a data core conformance-[0-9a-f]{8} is made/);
    expect(said.match(/^flowcore\/\S+ .*$/gm)).toEqual([
      expect.stringMatching(/^flowcore\/read-unknown-type +likely +401 +404$/),
    ]);
    expect(said).toMatch(/\d+ as expected, 1 differ, 1 not tried/);
    expect(said).not.toContain(apiKey);
    expect(code).toBe(1);
    expect(await sql`select name from datacore.data_core`).toHaveLength(0);
  } finally {
    await played.stop();
  }
});

test("without credentials it says which are missing, and ends with 2", async () => {
  const { code, said } = await conformance(["flowcore"], { FLOWCORE_TENANT: "made-up" });
  expect(said).toContain("FLOWCORE_API_KEY is not set");
  expect(code).toBe(2);
});

test("a system that nobody knows is a wrong call", async () => {
  expect((await conformance(["nobody"], {})).code).toBe(2);
});

test("a data core that cannot be made is told of, and the run has failed", async () => {
  const env = { FLOWCORE_TENANT: "made-up", FLOWCORE_API_KEY: "fc_probes_c0ffee" };
  const nobody = ["flowcore", "--write", "--url", "http://127.0.0.1:1"];
  const { code, said } = await conformance(nobody, env);
  expect(said).toContain("was not made or not removed");
  expect(said).not.toContain("c0ffee");
  expect(code).toBe(1);
});
