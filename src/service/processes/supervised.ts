import type { MetricsJson } from "../../lib/metrics.ts";
import { ALIVE_MS, type FromPart, ToPart } from "./part-messages.ts";

/** So often the other may be silent, as long as PostgreSQL leaves a silent session its lease. */
const MISSED = 15;

/** The way to the process that started this one. */
export interface Parent {
  send(message: FromPart): void;
  onMessage(hear: (message: unknown) => void): void;
  /** Told when it is gone. */
  onGone(leave: () => void): void;
}

export interface SupervisedOptions {
  parent: Parent;
  readMetrics: () => Promise<MetricsJson>;
  /** Ends this process at once: what is not committed is rolled back, and the leases are free. */
  leave: (reason: string) => void;
  /** Aborts when this process was asked to stop. */
  stopping: AbortSignal;
}

/**
 * Runs beside the process that answers HTTP, and not without it: nobody could stop it, or start it again.
 * It counts its own seconds, so that one that was frozen itself does not take the other for silent.
 */
export function supervised({ parent, readMetrics, leave, stopping }: SupervisedOptions) {
  let missed = 0;
  parent.onGone(() => {
    clearInterval(timer);
    // Whoever asked it to stop waits for its end no longer than a moment, least of all at a start.
    if (!stopping.aborted) leave("the process that started it is gone");
  });
  parent.onMessage((said) => {
    const message = ToPart.parse(said);
    missed = 0;
    if (message.say === "measure") void measured(message.id);
  });
  const timer = setInterval(() => {
    missed += 1;
    if (missed > MISSED) leave("the process that started it is frozen");
    parent.send({ say: "alive" });
  }, ALIVE_MS);
  parent.send({ say: "started" });
  return { end: () => clearInterval(timer) };

  async function measured(id: number) {
    parent.send({ say: "measured", id, metrics: await readMetrics() });
  }
}
