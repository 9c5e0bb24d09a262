import { Failure } from "../../lib/failure.ts";
import { readRetryAfter } from "../../lib/retry-after.ts";

/** Standard Webhooks asks for 15 to 30 s: who answers late has taken it all the same, and would be sent it again. */
const LIMIT_MS = 20_000;
/** Where the receiver asks for more time than this, a day is over too soon. */
const LONGEST_WAIT_MS = 3_600_000;
/** It is this message that the receiver cannot take. */
const OWN_FAULT = [400, 413, 415, 422];

/**
 * Posts JSON. No message of a failure names the address: whoever knows it may write to the channel.
 * Redirects are not followed, for they would send it where nobody meant it to go.
 */
export async function post(
  url: string,
  body: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    redirect: "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]),
  }).catch((error: unknown) => {
    throw new Failure("unavailable", unreached(error));
  });
  await response.body?.cancel().catch(() => {});
  const { status } = response;
  if (status >= 200 && status < 300) return;
  const kind = OWN_FAULT.includes(status) ? "malformed" : "unavailable";
  const waitMs = waitOf(response.headers);
  throw new Failure(kind, `it answered with ${status}`, { waitMs });
}

function unreached(error: unknown) {
  const { name, code } = Object(error) as { name?: unknown; code?: unknown };
  if (name === "TimeoutError") return `it did not answer within ${LIMIT_MS / 1_000} s`;
  return `it cannot be reached (${String(code ?? name ?? "no reason")})`;
}

/** A date is held against the receiver's own clock where it says what time that has. */
function waitOf(headers: Headers): number | undefined {
  const said = Date.parse(headers.get("date") ?? "");
  const now = Number.isNaN(said) ? new Date() : new Date(said);
  const waitMs = readRetryAfter(headers.get("retry-after"), now);
  return waitMs === undefined ? undefined : Math.min(waitMs, LONGEST_WAIT_MS);
}
