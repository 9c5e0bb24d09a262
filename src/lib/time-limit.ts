import { Failure } from "./failure.ts";

/** It did not end in its time, and may never. */
export class TookTooLong extends Failure {
  constructor(ms: number) {
    super("unavailable", `it took longer than ${Math.round(ms)} ms`, { timeoutMs: ms });
  }
}

export interface TimeLimit {
  /** Aborts when the time is over. */
  signal: AbortSignal;
  /** What the work gives, or an `unavailable` failure when the time is over first. */
  hold<Result>(work: Promise<Result>): Promise<Result>;
  /** Leaves no timer behind. */
  end(): void;
}

/**
 * A time for one piece of work, however many waits it has. It is real time, for what it limits is: a
 * socket, a lock. Work that is left behind goes on by itself, so what it does late must be harmless.
 */
export function timeLimit(ms: number): TimeLimit {
  const limit = new AbortController();
  const timer = setTimeout(() => {
    limit.abort(new TookTooLong(ms));
  }, ms);
  const { signal } = limit;
  return {
    signal,
    end: () => clearTimeout(timer),
    hold: (work) =>
      new Promise((resolve, reject) => {
        const giveUp = () => reject(signal.reason);
        if (signal.aborted) giveUp();
        signal.addEventListener("abort", giveUp, { once: true });
        const settled = () => signal.removeEventListener("abort", giveUp);
        work.then(resolve, reject).finally(settled);
      }),
  };
}

/** One wait with a time of its own. */
export async function within<Result>(
  ms: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const limit = timeLimit(ms);
  try {
    return await limit.hold(work(limit.signal));
  } finally {
    limit.end();
  }
}
