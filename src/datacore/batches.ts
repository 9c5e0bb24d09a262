import type { WaitingFact } from "./outbox.ts";

/** What one request carries at most; Flowcore is known to take 500 facts in one. */
const MOST_BYTES = 500_000;

/**
 * Facts that go in one request: of one event type and one trace, so many at most, in the order in which they wait. One
 * that failed before goes alone, for it may be what the datacore does not take.
 */
export function batchesOf(facts: readonly WaitingFact[], most: number): WaitingFact[][] {
  const batches: WaitingFact[][] = [];
  const open = new Map<string, { batch: WaitingFact[]; bytes: number }>();
  for (const one of facts) {
    // One request has one metadata, which is where a trace goes on.
    const kind = `${one.fact.eventType} ${one.traceparent ?? ""}`;
    const last = one.failures > 0 ? undefined : open.get(kind);
    if (last && last.batch.length < most && last.bytes + one.bytes <= MOST_BYTES) {
      last.batch.push(one);
      last.bytes += one.bytes;
      continue;
    }
    const batch = [one];
    batches.push(batch);
    if (one.failures === 0) open.set(kind, { batch, bytes: one.bytes });
  }
  return batches;
}
