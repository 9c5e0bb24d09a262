import { type Context, Hono, type Next } from "hono";
import type { Pool } from "../../database/connect.ts";
import { codeOf } from "../../database/fault.ts";
import { explained } from "../../database/outage-words.ts";
import type { Clock } from "../../lib/clock.ts";
import { isFailure } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import { timeLimit } from "../../lib/time-limit.ts";
import { spanTime } from "../../lib/tracing.ts";
import type { RecountPace } from "../store/recount-requests.ts";
import { type Address, addressOf, type WebhookAccount } from "./address.ts";
import { type Arriving, judging } from "./judge.ts";
import { answer, statusOf, type Verdict } from "./webhook-outcome.ts";

export interface WebhookOptions {
  sql: Pool;
  accounts: WebhookAccount[];
  mode: "prod" | "dev" | "any";
  /** Of one body. */
  maxBytes: number;
  /** Of all bodies at one time. */
  roomBytes: number;
  /** Vivenu waits 10 s, and repeats what was not answered: sooner is better told. */
  answerWithinMs: number;
  pace: RecountPace;
  clock: Clock;
  logger: Logger;
  /** Told once for each request. */
  onVerdict: (verdict: Verdict) => void;
}

/** Of PostgreSQL's errors the code alone, for their messages may quote what was to be kept. */
function reasonOf(error: unknown) {
  if (isFailure(error)) return error.message;
  const code = codeOf(error);
  if (code !== undefined) return `PostgreSQL: ${explained(code)}`;
  return "a defect; the log line webhook.failed says more";
}

/**
 * Takes Vivenu's webhooks, each with a verdict, a count and an answer in time. No body is read that can
 * not be signed, nothing is parsed before a key fits the raw bytes, nothing is answered with 200 before
 * it is kept, and what is signed gets a 4xx only if it can never succeed. Next: `judge.ts`, `webhook-outcome.ts`.
 */
export function webhooks(options: WebhookOptions) {
  const { accounts, logger, onVerdict, answerWithinMs } = options;
  const judge = judging(options);
  const app = new Hono();

  app.post("/webhook/event-updated", take);
  app.post("/webhooks/vivenu/:region", take);
  // A listener's address is typed by people: what is signed is taken wherever it comes below /webhook*.
  app.use(take);
  return app;

  async function take(c: Context, next: Next) {
    const isPost = c.req.method === "POST";
    const address = isPost ? addressOf(c.req.path, accounts) : undefined;
    if (!address) return next();
    const verdict = await verdictOf(c.req.raw, address);
    onVerdict(verdict);
    // Whoever cannot sign finds there what was there without webhooks.
    return verdict.outcome === "stray" && !address.isDocumented ? next() : answer(c, verdict);
  }

  async function verdictOf(request: Request, address: Address): Promise<Verdict> {
    const limit = timeLimit(answerWithinMs);
    const account = address.account?.region ?? null;
    const arriving: Arriving = {
      request,
      address,
      account,
      isSigned: false,
      signal: limit.signal,
      startedAt: spanTime(),
    };
    const verdict = await limit
      .hold(judge(arriving))
      .catch((error: unknown) => failed(error, arriving))
      .finally(() => limit.end());
    const { outcome } = verdict;
    arriving.span?.set({ outcome, "http.response.status_code": statusOf[outcome] });
    arriving.span?.end();
    return verdict;
  }

  function failed(error: unknown, { isSigned, account, signal }: Arriving): Verdict {
    if (!isSigned && signal.aborted)
      return { outcome: "slow", account, detail: "the body did not come to its end in time" };
    const outcome = isSigned ? "unavailable" : "failed";
    logger.error({ account, outcome, error }, "webhook.failed");
    const detail = "it could not be kept; send it again";
    return { outcome, account, detail, reason: reasonOf(error) };
  }
}
