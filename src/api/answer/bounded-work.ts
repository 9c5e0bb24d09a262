import type { MiddlewareHandler } from "hono";
import type { Clock } from "../../lib/clock.ts";
import { type ApiEnv, problem } from "../request/problem.ts";

export interface Bounds {
  /** Requests that are worked on at one time. */
  atWork: number;
  /** Requests that wait for their turn; more are sent away. */
  waiting: number;
}

/** A connection on which nothing comes for 30 s is cut, by Bun and by others on the way: who waits is told before. */
const LONGEST_WAIT_MS = 20_000;

/**
 * Bounds the requests that are worked on at one time. Reads take turns on one thread,
 * and what a read holds in memory it holds until it is answered: so a few are worked on, some
 * wait, and beyond that a caller is told to come again. Who has gone takes nobody's turn.
 */
export function boundedWork({ atWork, waiting }: Bounds, clock: Clock): MiddlewareHandler<ApiEnv> {
  let working = 0;
  const queue = new Set<() => void>();

  return async (c, next) => {
    if (working >= atWork) {
      if (queue.size >= waiting || !(await isItsTurn(c.req.raw.signal)))
        return problem(c, 503, "Too many requests are at work. Ask again in a moment.", {
          headers: { "retry-after": "2" },
        });
    } else working += 1;
    try {
      await next();
    } finally {
      const [upcoming] = queue;
      // Whoever ends hands its place on, so that nobody overtakes.
      if (upcoming) upcoming();
      else working -= 1;
    }
  };

  /** Waits in turn; false for who has waited too long, or does not wait any more. */
  async function isItsTurn(gone: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<true>();
    const begin = () => {
      queue.delete(begin);
      resolve(true);
    };
    queue.add(begin);
    const ended = new AbortController();
    const given = clock.pause(LONGEST_WAIT_MS, AbortSignal.any([gone, ended.signal]));
    const isBegun = await Promise.race([promise, given.then(() => false)]);
    ended.abort();
    if (isBegun || !queue.delete(begin)) return true;
    return false;
  }
}
