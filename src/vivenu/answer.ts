import { Failure } from "../lib/failure.ts";
import { readRetryAfter } from "../lib/retry-after.ts";

/**
 * What to do about a request that brought nothing:
 *
 * - `overloaded`  too much was asked for: ask for less, or again
 * - `throttled`   too often: wait as long as they say
 * - `broken`      the way there or back failed: again
 * - `final`       the same will be answered again
 */
export type Remedy = "overloaded" | "throttled" | "broken" | "final";

export interface Unanswered {
  failure: Failure;
  remedy: Remedy;
  retryAfterMs?: number;
}

export interface Asked {
  account: string;
  path: string;
}

/** Who answers in Vivenu's place says so where it took too long. */
const TOO_LATE = [408, 504];
const MAX_WAIT_MS = 24 * 3600_000;

/** Sorts an answer that is not 200 by what can be done about it; its body is never looked at. */
export function unanswered(response: Response, asked: Asked, now: Date): Unanswered {
  const { status } = response;
  const asksMs = readRetryAfter(response.headers.get("retry-after"), now);
  const wait = asksMs === undefined ? {} : { retryAfterMs: Math.min(asksMs, MAX_WAIT_MS) };
  const because = (kind: Failure["kind"], message: string) =>
    new Failure(kind, message, { ...asked, status });

  if (status === 429)
    return {
      failure: because("unavailable", `Vivenu throttles account ${asked.account} (429)`),
      remedy: "throttled",
      ...wait,
    };
  if (status >= 500 || TOO_LATE.includes(status) || status === 425)
    return {
      failure: because("unavailable", `Vivenu answered ${status} for ${asked.path}`),
      remedy: status === 503 || TOO_LATE.includes(status) ? "overloaded" : "broken",
      ...wait,
    };
  // Nothing that is asked names a state that it is known by, so there is none that it could still be in.
  const stranger =
    status < 300 || status === 304
      ? `Vivenu's address answered ${asked.path} with nothing (${status}): is a proxy in between?`
      : isPage(response)
        ? `${status} for ${asked.path} came as a page for people, as a proxy gives it, and not from Vivenu`
        : undefined;
  if (stranger !== undefined)
    return { failure: because("unavailable", stranger), remedy: "broken" };
  return { failure: final(status, asked, because), remedy: "final" };
}

/** Vivenu's API speaks JSON only. What a proxy says of an address says nothing of an event or a key. */
const isPage = ({ headers }: Response) => /^text\/html\b/i.test(headers.get("content-type") ?? "");

function final(
  status: number,
  { account, path }: Asked,
  because: (kind: Failure["kind"], message: string) => Failure,
) {
  if (status === 401 || status === 403)
    return because(
      "refused",
      `Vivenu refuses the API key of account ${account} (${status} for ${path}): give this account a valid seller API key that may read events and tickets`,
    );
  if (status === 400)
    return because(
      "refused",
      `Vivenu does not know a parameter that was sent to ${path} (400): this is a bug of ours, report it`,
    );
  if (status === 404) return because("missing", `Vivenu has nothing at ${path} (404)`);
  return because("refused", `Vivenu answered ${status} for ${path}: check the account's base URL`);
}
