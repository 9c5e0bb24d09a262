import type { Pool } from "../../database/connect.ts";
import { causeOf } from "../../database/fault.ts";
import { agoMs, type Clock } from "../../lib/clock.ts";
import { type Logger, redactText } from "../../lib/logger.ts";
import type { Sentence } from "../../lib/sentence.ts";
import type { OnEventFault } from "../../projections/queries/row-faults.ts";
import { readUnshown, type Unshown } from "../../projections/queries/shown.ts";

/** What is not met again within that time is over: whoever reads these rows meets it every time. */
const OVER_MS = 10 * 60_000;
/** Readers are many, and what they meet is the same. */
const NOTED_MS = 60_000;

export type EventFaults = ReturnType<typeof eventFaults>;

/**
 * The events of which rows or changes could not be made, for as long as readers meet them: of every
 * process, for whichever is asked for `/status`.
 */
export function eventFaults({ sql, clock, logger }: { sql: Pool; clock: Clock; logger: Logger }) {
  const met = new Map<string, { at: number; notedAt: number }>();

  const onFault: OnEventFault = (eventId, error) => {
    const at = clock.now().getTime();
    const before = met.get(eventId);
    // The class says what kind of fault it is; a message may quote what is kept.
    const reason = causeOf(error);
    if (!before || agoMs(before.at, at) > OVER_MS)
      logger.error({ eventId, reason, stack: stackOf(error) }, "event.unreadable");
    const isNoted = before !== undefined && agoMs(before.notedAt, at) < NOTED_MS;
    met.set(eventId, { at, notedAt: isNoted ? before.notedAt : at });
    if (!isNoted) note(eventId, reason, new Date(at));
  };

  /** Waited for by nobody: whoever reads is not to wait for it, and the log has it as well. */
  function note(eventId: string, reason: string, at: Date) {
    const noted = sql`
      insert into unshown_event (event_id, reason, met_at) values (${eventId}, ${reason}, ${at})
      on conflict (event_id) do update set reason = excluded.reason, met_at = excluded.met_at
    `;
    noted.catch(() => {});
  }

  async function read(): Promise<Sentence[]> {
    const since = new Date(clock.now().getTime() - OVER_MS);
    const met = await sql<Unshown[]>`
      select event_id, reason, account
      from unshown_event left join event using (event_id)
      where met_at >= ${since}
    `;
    const kept = await readUnshown(sql);
    const unshown = new Map([...kept, ...met].map((one) => [one.eventId, one]));
    return [...unshown.values()]
      .sort((one, other) => (one.eventId < other.eventId ? -1 : 1))
      .map(({ eventId, reason, account }) => ({
        account,
        text: `Event ${eventId} cannot be shown (${reason}): the log has where; all others are. \`replay\` makes its rows anew.`,
      }));
  }

  return { onFault, read };
}

const stackOf = (error: unknown) =>
  error instanceof Error ? redactText(error.stack?.split("\n").slice(1, 6).join("\n") ?? "") : null;
