import { between, type Random } from "../../sandbox/random.ts";
import type { TestDatabase } from "../support/database.ts";
import type { Outside } from "../support/outside.ts";
import { until } from "../support/stage.ts";

const QUIET_WITHIN_MS = 180_000;

/** One change after the other, a few a second, until it is stopped. */
export function keepActing(act: () => Promise<void>, random: Random) {
  let stopped = false;
  const acting = (async () => {
    while (!stopped) {
      await act();
      await Bun.sleep(between(random, 5, 60));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await acting;
    },
  };
}

export function setFaults(outside: Outside, random: Random, struck: Record<string, number>) {
  clearFaults(outside, struck);
  const seed = between(random, 1, 1_000_000);
  /** Half of them at a time, each as likely as said. */
  const some = (faults: Record<string, object>) => ({
    seed,
    ...Object.fromEntries(Object.entries(faults).filter(() => random() < 0.5)),
  });
  const held = { holdMs: 1_500 };
  outside.datacore.faults.set(
    some({
      visibilityDelay: { minMs: 0, maxMs: 4_000, probability: 0.3 },
      clockSkew: { skewsMs: [0, -3_000, 1_500] },
      duplicateSameId: { probability: 0.2 },
      duplicateNewId: { probability: 0.2 },
      silentDrop: { probability: 0.1 },
      shortPages: { probability: 0.5 },
      emptyPages: { probability: 0.5 },
      danglingCursor: { probability: 0.5 },
      slowPages: { msPerEvent: 0.5, probability: 0.5 },
      bucketLag: { ms: 60_000 },
      failBefore: [
        { on: "ingest", status: 503, probability: 0.1 },
        { on: "read", status: 500, probability: 0.1 },
        { status: "timeout", probability: 0.03, ...held },
      ],
      failAfter: [
        { status: "reset", probability: 0.1 },
        { status: 504, probability: 0.1 },
      ],
      revokedKey: { on: "ingest", probability: 0.03 },
    }),
  );
  outside.vivenu.faults.set(
    some({
      throttle: { retryAfterS: 1, probability: 0.1 },
      unavailable: { probability: 0.1 },
      hang: { probability: 0.03, ...held },
      reset: { probability: 0.1 },
      truncatedJson: { probability: 0.1 },
      refused: { probability: 0.02 },
      unsorted: { stable: false },
      wrongTotals: { probability: 0.05 },
      changingTickets: { probability: 0.05 },
      changingEvents: { probability: 0.1, next: 1 },
    }),
  );
  outside.sheets.faults.set(
    some({
      failBefore: [
        { on: "read", status: 500, probability: 0.1 },
        { on: "write", status: 429, probability: 0.2 },
      ],
      failAfter: [
        { status: 500, probability: 0.2 },
        { status: "reset", probability: 0.2 },
      ],
      lateWrite: { ms: 1_000, probability: 0.2 },
    }),
  );
}

export function clearFaults({ datacore, vivenu, sheets }: Outside, struck: Record<string, number>) {
  for (const [system, { faults }] of Object.entries({ datacore, vivenu, sheets })) {
    for (const [name, times] of Object.entries(faults.read().injected))
      struck[`${system} ${name}`] = (struck[`${system} ${name}`] ?? 0) + times;
    // Set to nothing, not only cleared: the counters begin anew.
    faults.set({});
    faults.clear();
  }
}

/** Vivenu tries again after half a minute and more; here nobody waits for that, and it never gives up. */
export async function hurryWebhooks({ sql, vivenu }: Outside) {
  await sql`update vivenu.delivery set due_at = now(), attempts = 0 where due_at is not null`;
  await vivenu.deliverDue();
}

/**
 * Until nothing is under way any more; what would wait for its next try need not. A fact may be set aside for
 * no more than a machine's slowness.
 */
export async function quiet({ sql }: TestDatabase, outside: Outside) {
  await until(
    async () => {
      await hurryWebhooks(outside);
      await Bun.sleep(150);
      await sql`update outbox set next_attempt_at = now() where confirmed_at is null and next_attempt_at > now() + interval '10 seconds'`;
      await sql`update set_aside set next_attempt_at = now() where next_attempt_at > now() + interval '2 seconds'`;
      const [left] = await sql<{ inbox: number; outbox: number; dead: number }[]>`
        select
          (select count(*) from inbox where translated_at is null and refused_at is null)::int as inbox,
          (select count(*) from outbox where confirmed_at is null and refused_at is null)::int as outbox,
          (select count(*) from set_aside where next_attempt_at is not null)::int as dead
      `;
      const [sent] = await outside.sql<{ pending: number }[]>`
        select count(*)::int as pending from vivenu.delivery where due_at is not null
      `;
      return left?.inbox === 0 && left.outbox === 0 && left.dead === 0 && sent?.pending === 0;
    },
    { withinMs: QUIET_WITHIN_MS, what: "nothing waits in inbox, outbox, dead letters and Vivenu" },
  );
}
