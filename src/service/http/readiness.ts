import type { Pool } from "../../database/connect.ts";
import { isCurrent } from "../../database/migrate.ts";
import type { WriteProbe } from "../../database/write-probe.ts";
import { Failure } from "../../lib/failure.ts";
import { within } from "../../lib/time-limit.ts";

/** Below what a cluster waits for the answer: 3 s. */
const READY_MS = 2_500;

interface ReadinessOptions {
  sql: Pool;
  readHealth: WriteProbe;
  /** Whether reads are worked on somewhere, or were since the start. */
  areReadsThere: () => boolean;
  stopping: AbortSignal;
}

/** Whether requests should be sent here: PostgreSQL answers, takes writes and is migrated. Fails where that is not so. */
export function readiness({ sql, readHealth, areReadsThere, stopping }: ReadinessOptions) {
  return async (): Promise<boolean> => {
    if (stopping.aborted) throw new Failure("unavailable", "This process is stopping.");
    const [isMigrated, { unwritable }] = await within(READY_MS, () =>
      Promise.all([isCurrent(sql), readHealth()]),
    );
    if (isMigrated && unwritable !== null)
      throw new Failure("unavailable", `PostgreSQL takes no writes: ${unwritable}.`);
    // Whoever is sent here at the start is not to be told to come again. Later webhooks come first.
    if (!areReadsThere()) throw new Failure("unavailable", "What is read is not there yet.");
    return isMigrated;
  };
}
