import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import postgres from "postgres";
import { burst } from "./burst.ts";
import { ofBench } from "./ending.ts";
import { describeMs, percentile, say, sendAtRate } from "./load.ts";
import { mixed } from "./mixed.ts";
import { type Signed, signedWebhooks } from "./signed.ts";
import { raiseStack, type Stack } from "./stack.ts";
import { sayUsed, usedBy } from "./used.ts";

const answers: (Signed & { rate: number })[] = [
  { type: "transaction.complete", bytes: 10_000, rate: 1_000 },
  { type: "event.updated", bytes: 10_000, rate: 200 },
  { type: "event.updated", bytes: 800_000, rate: 30 },
];

const WARM_UP_SECONDS = 2;

export const webhookParts = ["answers", "burst", "mixed"] as const;
export type WebhookPart = (typeof webhookParts)[number];

export interface WebhooksBenchOptions {
  seconds: number;
  parts: readonly WebhookPart[];
  /** Facts that a replay reads beside the mixed load. */
  facts: number;
  /** A folder for a CPU profile of each process of the service. */
  profile?: string | undefined;
}

/** What a webhook costs its sender, and how soon what it says is a row. */
export async function webhooksBench(options: WebhooksBenchOptions): Promise<void> {
  const { seconds, parts, facts, profile } = options;
  const stack = await raiseStack({ SANDBOX_SEASON: "full" }, { profile });
  try {
    if (parts.includes("answers")) await againstFloor(stack, seconds);
    if (parts.includes("burst")) await burst(stack);
    if (parts.includes("mixed")) await mixed(stack, { seconds, facts });
  } finally {
    await stack.stop();
  }
}

/** The service and the floor, one after the other on the same machine. */
async function againstFloor(stack: Stack, seconds: number) {
  const floor = await raiseFloor(stack);
  const sql = postgres(stack.databaseUrl, { max: 1 });
  for (const { rate, ...webhook } of answers) {
    const send = signedWebhooks(stack, webhook);
    say(`\n${webhook.type}, ${webhook.bytes / 1_000} KB, ${rate} a second for ${seconds} s`);
    // Code that was never run is slow once, in the floor as in the service.
    await sendAtRate(rate, WARM_UP_SECONDS, send(floor.url));
    const bare = await sendAtRate(rate, seconds, send(floor.url));
    say(`  floor (Bun's HTTP, the signature, one insert)  ${describeMs(bare)}`);
    await sendAtRate(rate, WARM_UP_SECONDS, send(stack.url));
    const before = await usedBy(stack, sql);
    const ours = await sendAtRate(rate, seconds, send(stack.url));
    const used = await usedBy(stack, sql);
    say(`  service                                        ${describeMs(ours)}`);
    say(
      `  p99 ${(percentile(ours.ms, 0.99) / percentile(bare.ms, 0.99)).toFixed(2)} times the floor's`,
    );
    sayUsed(before, used, ours.ms.length);
    await stack.settled();
  }
  await sql.end({ timeout: 5 });
  floor.stop();
}

async function raiseFloor({ account, databaseUrl }: Stack) {
  const child = spawn(process.execPath, ["bench/floor.ts"], {
    env: {
      PATH: process.env.PATH ?? "",
      WEBHOOK_KEY: account.webhookKey,
      DATABASE_URL: databaseUrl,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  ofBench(child);
  const { promise, resolve } = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).once("line", resolve);
  return { url: `http://127.0.0.1:${await promise}`, stop: () => void child.stdin.end() };
}
