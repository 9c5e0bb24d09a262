import type { Pool } from "../../database/connect.ts";
import { causeOf, codeOf } from "../../database/fault.ts";
import { readLacking } from "../../database/migrate.ts";
import { outageWords } from "../../database/outage-words.ts";
import type { WriteProbe } from "../../database/write-probe.ts";
import { Failure } from "../../lib/failure.ts";
import { TookTooLong, within } from "../../lib/time-limit.ts";

/** Below what a cluster waits for the answer: 3 s. */
const READY_MS = 2_500;

interface ReadinessOptions {
  sql: Pool;
  readHealth: WriteProbe;
  /** Whether reads are worked on somewhere, or were since the start; not asked where nobody reads. */
  areReadsThere?: () => boolean;
  stopping: AbortSignal;
  limitMs?: number;
}

/**
 * Whether requests should be sent here: PostgreSQL answers, takes writes and is migrated. Throws an `unavailable`
 * failure that says in a sentence what keeps it; no error of PostgreSQL's leaves it.
 */
export function readiness(options: ReadinessOptions) {
  const { sql, readHealth, areReadsThere = () => true, stopping, limitMs = READY_MS } = options;
  return async (): Promise<void> => {
    if (stopping.aborted) throw notReady("This process is stopping.");
    const look = () => Promise.all([readLacking(sql), readHealth()]);
    const [lacking, { unwritable }] = await within(limitMs, look).catch((error: unknown) => {
      throw notReady(wordsOf(error), error);
    });
    if (lacking.length > 0)
      throw notReady(
        "The database is not at this version's schema: `migrate`, or a start of `serve`, brings it there.",
      );
    if (unwritable !== null) throw notReady(`PostgreSQL takes no writes: ${unwritable}.`);
    // Whoever is sent here at the start is not to be told to come again. Later webhooks come first.
    if (!areReadsThere()) throw notReady("What is read is not there yet.");
  };
}

const notReady = (sentence: string, error?: unknown) =>
  new Failure("unavailable", sentence, {}, error);

const wordsOf = (error: unknown) =>
  error instanceof TookTooLong
    ? "PostgreSQL does not answer in time."
    : `PostgreSQL: ${outageWords(codeOf(error)) ?? causeOf(error)}.`;
