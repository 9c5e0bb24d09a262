import type { Clock } from "../lib/clock.ts";
import { Failure } from "../lib/failure.ts";
import type { Logger } from "../lib/logger.ts";
import { backoffMs } from "../lib/loop.ts";
import { waitTelling } from "../lib/waiting.ts";
import { type Asked, type Unanswered, unanswered } from "./answer.ts";
import type { Budget } from "./budget.ts";
import { DEFAULT_IN_FLIGHT, gate } from "./gate.ts";
import { DEFAULT_TIMEOUT_MS } from "./timeout.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface RequesterOptions {
  /** `https://vivenu.com` or `https://vivenu.dev`. */
  baseUrl: string;
  apiKey: string;
  /** The account, by its region. */
  region: string;
  budget: Budget;
  clock: Clock;
  logger: Logger;
  fetch?: Fetch;
  random?: () => number;
  timeoutMs?: number;
  /** Requests at once; the others wait for their turn. */
  inFlight?: number;
  /** Told of each attempt when it is sent. */
  onAttempt?: () => OnOver;
  /** Told now and then while it waits before it asks again. */
  onWaiting?: () => void;
}

export type AttemptOutcome = "answered" | "throttled" | "refused" | "failed";
/** Called when an attempt is over; without an outcome where it was stopped. */
export type OnOver = (outcome?: AttemptOutcome) => void;

export type Query = Readonly<Record<string, string | number | undefined>>;

export interface GetOptions {
  signal?: AbortSignal | undefined;
  /** When Vivenu is overloaded, `top` is halved down to this before the same is asked again. */
  smallestTop?: number;
  /** How often it is asked for again where it is not answered; three times unless said. */
  retries?: number | undefined;
}

export interface AskOptions extends GetOptions {
  /** Whether this is an answer at all, however well it can be read: anything else is asked for again. */
  isAnswer: (body: unknown) => boolean;
}

export interface Answer {
  body: unknown;
  /** The `top` that was answered in the end. */
  top: number;
  requests: number;
}

const RETRIES = 3;
const THROTTLED_TRIES = 6;
const FIRST_WAIT_MS = 500;
/** A header that cannot be written is reported together with its value, which is the key. */
const HEADER_VALUE = /^[\x21-\x7e]+$/;

/** The one place that retries. */
export function requester({ clock, logger, random = Math.random, ...options }: RequesterOptions) {
  const through = gate(options.inFlight ?? DEFAULT_IN_FLIGHT);
  let made = 0;

  async function get(
    path: string,
    query: Query,
    { signal, smallestTop, isAnswer, retries = RETRIES }: AskOptions,
  ) {
    const asked: Asked = { account: options.region, path };
    let top = Number(query.top ?? 0);
    let failed = 0;
    let throttled = 0;
    for (let requests = 1; ; requests += 1) {
      const url = urlOf(options.baseUrl, path, { ...query, ...(top > 0 && { top }) });
      const outcome = await through(async () => {
        await options.budget.take(signal);
        signal?.throwIfAborted();
        made += 1;
        return tellingOf(attempt(url, asked, { clock, ...options, signal, isAnswer }));
      });
      if ("body" in outcome) return { body: outcome.body, top, requests } satisfies Answer;

      const { failure, remedy, retryAfterMs } = outcome;
      if (remedy === "overloaded" && smallestTop !== undefined && top > smallestTop) {
        top = Math.max(smallestTop, Math.floor(top / 2));
        failed = 1;
      } else if (remedy === "throttled") throttled += 1;
      else failed += 1;
      if (remedy === "final" || failed > retries || throttled >= THROTTLED_TRIES) throw failure;

      const times = remedy === "throttled" ? throttled : failed;
      const backoff = backoffMs(times, FIRST_WAIT_MS) * (0.5 + random() / 2);
      // Who is told "now", or a time that is over by our clock, is not to ask again at once either.
      const waitMs = Math.max(retryAfterMs ?? 0, backoff);
      logger.warn(
        { ...failure.context, reason: failure.message, requests, top, waitMs },
        "vivenu.retried",
      );
      await waitTelling(clock, waitMs, { signal, onWaiting: options.onWaiting });
      signal?.throwIfAborted();
    }
  }

  async function tellingOf(attempted: ReturnType<typeof attempt>) {
    const over = options.onAttempt?.();
    try {
      const outcome = await attempted;
      over?.(outcomeOf(outcome));
      return outcome;
    } catch (error) {
      over?.();
      throw error;
    }
  }

  return {
    account: options.region,
    get,
    /** Attempts so far, whatever came of them. */
    get requests() {
      return made;
    },
  };
}

export type Requester = ReturnType<typeof requester>;

function outcomeOf(outcome: { body: unknown } | Unanswered): AttemptOutcome {
  if ("body" in outcome || outcome.failure.kind === "missing") return "answered";
  if (outcome.remedy === "throttled") return "throttled";
  return outcome.failure.kind === "refused" ? "refused" : "failed";
}

function urlOf(baseUrl: string, path: string, query: Query) {
  const url = new URL(baseUrl.replace(/\/+$/, "") + path);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, String(value));
  return url.href;
}

interface AttemptOptions
  extends Pick<RequesterOptions, "apiKey" | "clock" | "fetch" | "timeoutMs"> {
  signal: AbortSignal | undefined;
  isAnswer: AskOptions["isAnswer"];
}

async function attempt(
  url: string,
  asked: Asked,
  {
    apiKey,
    clock,
    fetch = globalThis.fetch,
    timeoutMs = DEFAULT_TIMEOUT_MS,
    signal,
    isAnswer,
  }: AttemptOptions,
): Promise<{ body: unknown } | Unanswered> {
  if (!HEADER_VALUE.test(apiKey)) return unusableKey(asked);
  const over = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    over.abort();
  }, timeoutMs);
  const abort = () => over.abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${apiKey}`, accept: "application/json" },
      redirect: "manual",
      signal: over.signal,
    });
    if (response.status === 200) {
      const body: unknown = JSON.parse(await response.text());
      return isAnswer(body) ? { body } : notAnAnswer(asked);
    }
    await response.body?.cancel().catch(() => {});
    return unanswered(response, asked, clock.now());
  } catch (error) {
    signal?.throwIfAborted();
    return broken(error, asked, late);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** A parser's message quotes the text it stumbled over, so the error itself goes no further. */
function broken(error: unknown, asked: Asked, late: boolean): Unanswered {
  const why = late
    ? "did not answer in time"
    : error instanceof SyntaxError
      ? "sent an answer that is cut off or not JSON"
      : "cannot be reached, or broke off its answer";
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  return {
    failure: new Failure("unavailable", `Vivenu ${why} (${asked.path})`, {
      ...asked,
      ...(code !== undefined && { code }),
    }),
    remedy: late ? "overloaded" : "broken",
  };
}

const notAnAnswer = (asked: Asked): Unanswered => ({
  failure: new Failure(
    "unavailable",
    `Vivenu's address answered ${asked.path} with something else than was asked for: is a proxy in between?`,
    { ...asked },
  ),
  remedy: "broken",
});

const unusableKey = (asked: Asked): Unanswered => ({
  failure: new Failure(
    "refused",
    `The API key of account ${asked.account} holds a character that no key can: set it anew`,
    { ...asked },
  ),
  remedy: "final",
});
