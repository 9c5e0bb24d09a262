import type { Failing } from "../../commands/failing.ts";
import { standingWatch } from "../../commands/standing.ts";
import type { Surroundings } from "../../commands/surroundings.ts";
import { type Lease, type LeaseOptions, whileHolding } from "../../database/lease.ts";
import type { LeaseName } from "../../database/lease-names.ts";
import { messageOf } from "../../lib/failure.ts";
import { redactText } from "../../lib/logger.ts";
import { loop, type WakeSignal, wakeSignal } from "../../lib/loop.ts";
import type { Metrics } from "../../lib/metrics.ts";
import { standingTold } from "../told.ts";

const HEARTBEAT_MS = 1_000;
const SILENT_MS = 15_000;

export interface RunOptions {
  lease?: Lease;
  idleMs: number;
  woken?: WakeSignal;
  /** How long a step may get nothing done. */
  limitMs?: number;
}

export interface RunnerOptions extends Pick<Surroundings, "config" | "clock" | "logger"> {
  failing: Failing;
  metrics: Metrics;
  /** Ends all loops. */
  signal: AbortSignal;
}

export type Run = ReturnType<typeof loopRunner>["run"];

/** Runs loops, alone or while a lease is held, and says how they fare. */
export function loopRunner({ config, clock, logger, failing, metrics, signal }: RunnerOptions) {
  const now = () => clock.now();

  /**
   * A loop that says in /status that it fails or stands still, for as long as it does. A step that takes
   * long calls `progress` at whatever it gets done.
   */
  async function run(
    name: string,
    step: (progress: () => void) => Promise<"more" | "idle">,
    { lease, idleMs, woken = wakeSignal(), limitMs }: RunOptions,
  ) {
    const steps = standingWatch(standingTold({ failing, clock, logger }, lease), limitMs);
    const stepAndNote = async () => {
      const outcome = await steps.watch(name, now, step);
      failing.clear(name, lease);
      return outcome;
    };
    const onFailure = (error: unknown, failures: number) => {
      failing.note(name, redactText(messageOf(error)), clock.now(), lease);
      logger.error({ loop: name, failures, error }, "loop.failed");
    };
    const until = lease?.signal ?? signal;
    await loop(stepAndNote, { clock, idleMs, signal: until, woken, onFailure });
    failing.clear(name, lease);
  }

  function holding(name: LeaseName, work: (lease: Lease) => Promise<unknown>) {
    metrics.leaseHeld.set({ lease: name }, 0);
    const url = config.database.url.reveal();
    const lease: LeaseOptions = {
      url,
      name,
      clock,
      logger,
      signal,
      heartbeatMs: HEARTBEAT_MS,
      silentMs: SILENT_MS,
      onTurn: (isHolder) => metrics.leaseHeld.set({ lease: name }, isHolder ? 1 : 0),
    };
    return whileHolding(lease, async (held) => void (await work(held)));
  }

  return { run, holding };
}
