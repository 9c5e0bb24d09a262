import postgres from "postgres";
import { describeMs, say } from "./load.ts";
import { signedWebhooks } from "./signed.ts";
import type { Stack } from "./stack.ts";
import { sayUsed, usedBy } from "./used.ts";

const BURST = 1_500;
const AT_ONCE = 50;
const GIVEN_UP_MS = 300_000;

/**
 * So many events change at once: how many a second are rows, from the first that was sent to the last,
 * and where a delivery's time goes: when each step was through with the last of them, and what CPU,
 * transactions and flushes of the write-ahead log it took.
 */
export async function burst(stack: Stack): Promise<void> {
  const name = `burst ${crypto.randomUUID().slice(0, 8)}`;
  const eventIds = Array.from({ length: BURST }, (_, n) => `68fb0000000000000000${1_000 + n}`);
  const send = signedWebhooks(stack, { type: "event.updated", bytes: 10_000, eventIds, name });
  const sql = postgres(stack.databaseUrl, { max: 1 });
  const before = await usedBy(stack, sql);
  const startedAt = performance.now();
  const startedOn = new Date();
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
  const used = await usedBy(stack, sql);
  const steps = await stepsSince(sql, startedOn);
  await sql.end({ timeout: 5 });
  ms.sort((a, b) => a - b);
  say(`\na burst of ${BURST} event.updated of 10 KB, ${AT_ONCE} at a time, each of another event`);
  say(`  answered ${describeMs({ ms, failed })}; all in ${(sentMs / 1_000).toFixed(1)} s`);
  say(`  ${rows} in rows after ${seconds.toFixed(1)} s: ${Math.round(rows / seconds)} a second`);
  say(`  the last of them ${steps}`);
  sayUsed(before, used, BURST);
}

/** When the inbox, the outbox relay and the consumer had done the last of them. */
async function stepsSince(sql: postgres.Sql, since: Date): Promise<string> {
  const [found] = await sql<Record<string, number | null>[]>`
    select
      (select extract(epoch from max(translated_at) - ${since})::float from inbox) as translated,
      (select extract(epoch from max(sent_at) - ${since})::float from outbox) as sent,
      (select extract(epoch from max(confirmed_at) - ${since})::float from outbox) as "read back"
  `;
  return Object.entries(found ?? {})
    .map(([step, seconds]) => `${step} after ${(seconds ?? Number.NaN).toFixed(1)} s`)
    .join(", ");
}
