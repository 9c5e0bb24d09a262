import postgres from "postgres";
import { describeMs, percentile, say } from "./load.ts";
import { signedWebhooks } from "./signed.ts";
import type { Stack } from "./stack.ts";

const BURST = 1_500;
const AT_ONCE = 50;
const GIVEN_UP_MS = 300_000;

/** So many events change at once: how many a second are rows, from the first that was sent to the last. */
export async function burst(stack: Stack): Promise<void> {
  const name = `burst ${crypto.randomUUID().slice(0, 8)}`;
  const eventIds = Array.from({ length: BURST }, (_, n) => `68fb0000000000000000${1_000 + n}`);
  const send = signedWebhooks(stack, { type: "event.updated", bytes: 10_000, eventIds, name });
  const sql = postgres(stack.databaseUrl, { max: 1 });
  const startedAt = performance.now();
  const ms: number[] = [];
  let failed = 0;
  let next = 0;
  const sender = async () => {
    for (let index = next++; index < BURST; index = next++) {
      const sentAt = performance.now();
      const { ok } = await send(stack.url)(index);
      if (!ok) failed += 1;
      ms.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  const sentMs = performance.now() - startedAt;
  let rows = 0;
  while (rows < BURST && performance.now() - startedAt < GIVEN_UP_MS) {
    await Bun.sleep(100);
    const [found] = await sql<{ rows: number }[]>`
      select count(*)::int as rows from event where name like ${`HYROX ${name} %`}
    `;
    rows = found?.rows ?? 0;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  await sql.end({ timeout: 5 });
  ms.sort((a, b) => a - b);
  say(`\na burst of ${BURST} event.updated of 10 KB, ${AT_ONCE} at a time, each of another event`);
  say(`  answered ${describeMs({ ms, failed })}; all in ${(sentMs / 1_000).toFixed(1)} s`);
  say(`  ${rows} in rows after ${seconds.toFixed(1)} s: ${Math.round(rows / seconds)} a second`);
  say(`  p99 of an answer ${percentile(ms, 0.99).toFixed(0)} ms`);
}
