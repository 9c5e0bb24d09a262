import type { Context } from "hono";

/**
 * Answers with this and with nothing of what was answered so far: `c.res =` alone would make a third one of both.
 */
export function insteadOf(c: Context, answer: Response): void {
  c.res = undefined;
  c.res = answer;
}
