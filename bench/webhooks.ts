import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { sign } from "../src/vivenu/signature.ts";
import { describeMs, percentile, say, sendAtRate } from "./load.ts";
import { raiseStack } from "./stack.ts";

const parts = [
  { name: "transaction.complete, 10 KB", type: "transaction.complete", bytes: 10_000, rate: 1_000 },
  { name: "event.updated, 10 KB", type: "event.updated", bytes: 10_000, rate: 200 },
  { name: "event.updated, 800 KB", type: "event.updated", bytes: 800_000, rate: 30 },
];

const WARM_UP_SECONDS = 2;

/** A webhook's answer by the service and by the floor, one after the other on the same machine. */
export async function webhooksBench(seconds: number): Promise<void> {
  const stack = await raiseStack();
  const floor = await raiseFloor(stack.account.webhookKey);
  try {
    for (const part of parts) {
      const body = bodies(part, stack.eventIds);
      const send = (url: string, forSeconds: number) =>
        sendAtRate(part.rate, forSeconds, (index) => {
          const bytes = body(index);
          const signature = sign(bytes, stack.account.webhookKey);
          return fetch(`${url}/webhooks/vivenu/${stack.account.region}`, {
            method: "POST",
            body: bytes,
            headers: { "x-vivenu-signature": signature },
          });
        });
      // Code that was never run is slow once, in the floor as in the service.
      const measure = async (url: string) => {
        await send(url, WARM_UP_SECONDS);
        return send(url, seconds);
      };
      say(`\n${part.name}, ${part.rate} a second for ${seconds} s`);
      const bare = await measure(floor.url);
      say(`  floor   ${describeMs(bare)}`);
      const ours = await measure(stack.url);
      say(`  service ${describeMs(ours)}`);
      say(`  p99 ratio ${(percentile(ours.ms, 0.99) / percentile(bare.ms, 0.99)).toFixed(2)}`);
    }
  } finally {
    await floor.stop();
    await stack.stop();
  }
}

/** Different bytes each time, for the same bytes are the same delivery. */
function bodies({ type, bytes }: (typeof parts)[number], eventIds: string[]) {
  const filler = "x".repeat(bytes);
  const encoder = new TextEncoder();
  return (index: number) => {
    const id = crypto.randomUUID();
    const eventId = eventIds[index % eventIds.length];
    const at = new Date().toISOString();
    const event = {
      ...{ _id: eventId, name: `HYROX bench ${index}`, start: at, end: at, updatedAt: at },
      tickets: [],
      description: filler,
    };
    const transaction = { _id: id, eventId, note: filler };
    const data = type === "event.updated" ? { event } : { transaction, tickets: [] };
    return encoder.encode(JSON.stringify({ id, type, mode: "dev", data }));
  };
}

async function raiseFloor(key: string) {
  const child = spawn(process.execPath, ["bench/floor.ts"], {
    env: { PATH: process.env.PATH ?? "", WEBHOOK_KEY: key },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).once("line", resolve);
  const url = `http://127.0.0.1:${await promise}`;
  return {
    url,
    async stop() {
      child.stdin.end();
    },
  };
}
