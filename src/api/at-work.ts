import type { MiddlewareHandler } from "hono";
import { type ApiEnv, problem } from "./problem.ts";

export interface Bounds {
  /** Requests that are worked on at one time. */
  atWork: number;
  /** Requests that wait for their turn; more are sent away. */
  waiting: number;
}

/**
 * Bounds the requests that are worked on at one time. Reads take turns on one thread,
 * and what a read holds in memory it holds until it is answered: so a few are worked on, some
 * wait, and beyond that a caller is told to come again.
 */
export function boundedWork({ atWork, waiting }: Bounds): MiddlewareHandler<ApiEnv> {
  let working = 0;
  const queue: (() => void)[] = [];

  return async (c, next) => {
    if (working >= atWork) {
      if (queue.length >= waiting)
        return problem(c, 503, "Too many requests are at work. Ask again in a moment.", {
          headers: { "retry-after": "2" },
        });
      const { promise, resolve } = Promise.withResolvers<void>();
      queue.push(resolve);
      // Whoever ends hands its place on, so that nobody overtakes.
      await promise;
    } else working += 1;
    try {
      await next();
    } finally {
      const upcoming = queue.shift();
      if (upcoming) upcoming();
      else working -= 1;
    }
  };
}
