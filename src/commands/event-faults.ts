import type { Clock } from "../lib/clock.ts";
import { type Logger, redactText } from "../lib/log.ts";
import type { OnEventFault } from "../projections/row-faults.ts";

/** What is not met again within that time is over: whoever reads meets it at every reading. */
const OVER_MS = 10 * 60_000;

export type EventFaults = ReturnType<typeof eventFaults>;

/** The events of which rows or changes could not be made, for as long as readers meet them. */
export function eventFaults({ clock, log }: { clock: Clock; log: Logger }) {
  const met = new Map<string, { at: number; reason: string }>();
  const onFault: OnEventFault = (eventId, error) => {
    const at = clock.now().getTime();
    const before = met.get(eventId);
    // The class says what kind of fault it is; a message may quote what is kept.
    const reason = error instanceof Error ? error.name : "unknown";
    met.set(eventId, { at, reason });
    if (!before || at - before.at > OVER_MS)
      log.error({ eventId, reason, stack: stackOf(error) }, "event.unreadable");
  };
  return {
    onFault,
    read(): string[] {
      const now = clock.now().getTime();
      return [...met]
        .filter(([, { at }]) => now - at <= OVER_MS)
        .map(
          ([eventId, { reason }]) =>
            `Event ${eventId} cannot be shown (${reason}): the log has where; all others are. \`replay\` makes its rows anew.`,
        );
    },
  };
}

const stackOf = (error: unknown) =>
  error instanceof Error ? redactText(error.stack?.split("\n").slice(1, 6).join("\n") ?? "") : null;
