import { afterAll, beforeAll, expect, test } from "bun:test";
import { sign } from "../../src/vivenu/signature.ts";
import { deliveryOf, eventJson } from "../support/intake.ts";
import { API_KEY } from "../support/outside.ts";
import { runs } from "../support/runs.ts";
import { serveApart } from "../support/served.ts";
import { type MannerName, manners } from "./attack.ts";
import { limitedGroup, peakBytes } from "./memory-limit.ts";

const MEBIBYTE = 1_048_576;
/** The manifest's limit, and what the process may take of it. */
const LIMIT_BYTES = 512 * MEBIBYTE;
const MOST_BYTES = 250_000_000;
/** What they fill they fill in the first second; the long run holds on. */
const SECONDS = Math.min(5, runs(2));

let service: Awaited<ReturnType<typeof raise>>;

beforeAll(async () => {
  service = await raise();
});
afterAll(() => service[Symbol.asyncDispose](), 60_000);

/** A `serve` process under the limit of its manifest. */
async function raise() {
  const group = await limitedGroup(LIMIT_BYTES);
  const served = await serveApart({
    command: group.command,
    // It is about memory: on a slow machine the time would be the test's own.
    settings: { WEBHOOK_TIMEOUT: "20" },
  });
  const { url } = served;
  const key = served.outside.environment.DACH_WEBHOOK_SECRET ?? "";
  return {
    ...served,
    /** A webhook of the size of a real event, and how long its answer took. */
    async deliver(letters = 600_000) {
      const event = eventJson({ description: "x".repeat(letters) });
      const body = deliveryOf("event.updated", { event }, { mode: "dev", sellerId: undefined });
      const startedAt = performance.now();
      const { status } = await fetch(`${url}/webhooks/vivenu/DACH`, {
        method: "POST",
        body,
        headers: { "x-vivenu-signature": sign(Buffer.from(body), key) },
      });
      return { status, ms: performance.now() - startedAt };
    },
    async ask(method: string, path: string, headers: Record<string, string> = {}) {
      return (await fetch(`${url}${path}`, { method, headers })).status;
    },
    async read(path: string) {
      const answer = await fetch(`${url}${path}`, { headers: { "x-api-key": API_KEY } });
      return answer.text();
    },
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await group[Symbol.asyncDispose]();
    },
  };
}

/** What Vivenu gets for its webhooks while strangers send in this manner. */
async function deliverDuring(manner: MannerName, letters?: number) {
  const command = [process.execPath, "test/strangers/attack.ts", String(service.port)];
  const attack = Bun.spawn([...command, String(SECONDS), manner], { stdout: "pipe" });
  const said = new Response(attack.stdout).json();
  const answers: { status: number; ms: number }[] = [];
  while (attack.exitCode === null) {
    answers.push(await service.deliver(letters));
    await Bun.sleep(200);
  }
  return { answers, strangers: await said };
}

async function expectWell(
  { answers, strangers }: Awaited<ReturnType<typeof deliverDuring>>,
  mostBytes = MOST_BYTES,
) {
  expect(service.isRunning()).toBe(true);
  expect(strangers).not.toEqual({});
  expect(answers.length).toBeGreaterThan(0);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect((await peakBytes(service.pid)) ?? 0).toBeLessThan(mostBytes);
}

const thousand = "by a few bytes, on a thousand connections";
// The cast: TypeScript gives the keys of any object as strings.
const others = (Object.keys(manners) as MannerName[]).filter((manner) => manner !== thousand);

test.each(others)(
  "bodies that strangers send %s take no memory, and webhooks are taken meanwhile",
  async (manner) => expectWell(await deliverDuring(manner)),
  60_000,
);

test("a thousand slow connections take no memory, and webhooks that are smaller are taken", async () => {
  // Twenty times the named attack's requests a second leave more behind until it is collected.
  await expectWell(await deliverDuring(thousand, 10_000), 0.75 * LIMIT_BYTES);
});

test("strangers wake nobody: none of it is told as an outage, and no line is logged for it", async () => {
  const forged = { "x-vivenu-signature": "0".repeat(64) };
  expect(await service.ask("POST", "/webhooks/vivenu/spain", forged)).toBe(401);
  const counted = (await service.read("/metrics")).matchAll(/webhooks_total\{([^}]*)\} (\d+)/g);
  const outcomes = new Map<string, number>();
  for (const [, labels = "", count] of counted) {
    const [, outcome = ""] = /outcome="(\w+)"/.exec(labels) ?? [];
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + Number(count));
  }
  for (const outcome of ["unavailable", "failed", "malformed", "too_large", "keyless"])
    expect([outcome, outcomes.get(outcome)]).toEqual([outcome, 0]);
  for (const outcome of ["accepted", "unsigned", "stray", "busy"])
    expect([outcome, (outcomes.get(outcome) ?? 0) > 0]).toEqual([outcome, true]);
  expect(service.logged()).not.toContain("webhook.");
  expect(await service.read("/status")).toContain(
    "webhook bodies found no room or came too slowly",
  );
});

test("below /webhook* whoever cannot sign finds the API's own answers", async () => {
  const key = { "x-api-key": API_KEY };
  const forged = { "x-vivenu-signature": "0".repeat(64) };
  for (const path of ["/webhooks/dach", "/webhooks/vivenu/dach/more", "/webhook"]) {
    for (const method of ["POST", "GET"]) {
      expect(await service.ask(method, path)).toBe(401);
      expect(await service.ask(method, path, { ...key, ...forged })).toBe(404);
    }
  }
  expect(await service.ask("GET", "/webhooks/vivenu/dach")).toBe(405);
  expect(await service.ask("PUT", "/webhook/event-updated", forged)).toBe(405);
});
