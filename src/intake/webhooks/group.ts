import { within } from "../../lib/time-limit.ts";

export interface GroupOptions {
  most: number;
  /** A run that takes longer is left behind, so that what comes after it need not wait for it. */
  withinMs: number;
  /** Whether the next run would fail as well, whatever is in it: an outage, or no time left. */
  isOutage: (error: unknown) => boolean;
}

/**
 * Gathers what comes in while the run before is under way, and does it together: under load one
 * transaction serves many callers, and a lone caller waits for nobody. When a group fails by what is in
 * it, its halves are tried alone, so that one cannot fail the others.
 */
export function grouped<Item, Result>(
  run: (items: Item[], signal: AbortSignal) => Promise<Result[]>,
  { most, withinMs, isOutage }: GroupOptions,
): (item: Item, signal: AbortSignal) => Promise<Result> {
  interface Waiting {
    item: Item;
    /** Nobody waits for it any more: its run is not begun. */
    signal: AbortSignal;
    resolve: (result: Result) => void;
    reject: (error: unknown) => void;
  }
  const waiting: Waiting[] = [];
  let running = false;

  return (item, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    waiting.push({ item, signal, resolve, reject });
    if (!running) void runAll();
    return promise;
  };

  async function runAll() {
    running = true;
    // What arrives in the same turn of the event loop belongs together.
    await Promise.resolve();
    try {
      while (waiting.length > 0) await runGroup(waiting.splice(0, most));
    } finally {
      running = false;
    }
  }

  async function runGroup(all: Waiting[]): Promise<void> {
    for (const { signal, reject } of all) if (signal.aborted) reject(signal.reason);
    const group = all.filter(({ signal }) => !signal.aborted);
    if (group.length === 0) return;
    const items = group.map(({ item }) => item);
    try {
      const results = await within(withinMs, (signal) => run(items, signal));
      for (const [index, { resolve, reject }] of group.entries()) {
        if (index in results) resolve(results[index] as Result);
        else reject(new Error("a group's run gave fewer results than it had items"));
      }
    } catch (error) {
      if (group.length === 1 || isOutage(error)) for (const { reject } of group) reject(error);
      else {
        const half = Math.ceil(group.length / 2);
        await runGroup(group.slice(0, half));
        await runGroup(group.slice(half));
      }
    }
  }
}
