import { STATUS_CODES } from "node:http";
import type { Context } from "hono";

/**
 * What became of a webhook request, and its answer. Vivenu repeats a 5xx for about two hours and never a
 * 4xx: a 4xx is for what cannot succeed, and for whoever cannot sign. `unavailable` is said of what
 * was signed and nothing else, for it wakes an engineer.
 */
export const statusOf = {
  accepted: 200,
  /** Kept before; sent again. */
  repeated: 200,
  /** No key of the account's fits. */
  unsigned: 401,
  /** The same, at an address that is no account's. */
  stray: 401,
  /** The sender went away before the end. */
  broken_off: 400,
  malformed: 400,
  too_large: 413,
  wrong_mode: 422,
  /** Its seller is not the key's account's: a key or a `<REGION>_SELLER_ID` is in the wrong place. */
  foreign: 503,
  /** Signed, and could not be kept or told whose it is. */
  unavailable: 503,
  /** The account has no key to check it by. */
  keyless: 503,
  /** Other bodies have the memory. */
  busy: 503,
  /** It had not come to its end in time. */
  slow: 503,
  /** A defect of ours, before a signature was looked at. */
  failed: 503,
} as const;

export type WebhookOutcome = keyof typeof statusOf;

// The cast: TypeScript gives the keys of any object as strings.
export const webhookOutcomes = Object.keys(statusOf) as WebhookOutcome[];

export interface Verdict {
  outcome: WebhookOutcome;
  /** Null where it is not known. */
  account: string | null;
  detail: string;
  /** More than the sender is told, for `/status`. */
  reason?: string;
}

const RETRY_AFTER_SECONDS = "30";

export function answer(c: Context, { outcome, detail }: Verdict) {
  const status = statusOf[outcome];
  if (status === 200) return c.json({ accepted: true }, status);
  return c.json({ type: "about:blank", title: STATUS_CODES[status], status, detail }, status, {
    "content-type": "application/problem+json",
    ...(status === 503 && { "retry-after": RETRY_AFTER_SECONDS }),
  });
}
