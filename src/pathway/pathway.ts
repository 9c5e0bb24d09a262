import { agoMs } from "../lib/clock.ts";
import { isFailure } from "../lib/failure.ts";
import { type CommandsOptions, commandObeyer } from "./obey.ts";
import { pausedBy } from "./wanted.ts";

const PULSE_MS = 30_000;

export interface Position {
  timeBucket: string;
  eventId: string | null;
  isLive: boolean;
}

export interface PathwayOptions extends CommandsOptions {
  readPosition: (flowType: string) => Promise<Position>;
}

/**
 * This service as a Data Pathway of its tenant: Flowcore's console sees how it reads, and steers it. The
 * one process that reads the log does this, and reads on whether or not the control plane answers.
 *
 * - A command is obeyed once and reported once, whoever reads the log by then: `obey.ts`.
 * - What is held is kept before it is reported: `held.ts`.
 * - A restart is a replay beside the live rows: `restart.ts`.
 */
export function pathway(options: PathwayOptions) {
  const { plane, clock, logger, flowTypes, held } = options;
  const startedAt = clock.now().getTime();
  const counters = new Map(
    flowTypes.map((name) => [name, { acknowledged: 0, failed: 0, pulled: 0 }]),
  );
  let pathwayId: string | undefined;
  /** The control plane said since what is paused, or has no opinion. */
  let isSettled = false;
  let pulsedAt = Number.NEGATIVE_INFINITY;

  const obeyPending = commandObeyer(options);

  return { connect, step, onApplied };

  /** What is counted is this process's, since it reads the log. */
  function onApplied(flowType: string, page: { applied: number; deadLettered: number }) {
    const counted = counters.get(flowType);
    if (!counted) return;
    counted.acknowledged += page.applied;
    counted.failed += page.deadLettered;
    counted.pulled += page.applied + page.deadLettered;
  }

  /** Registers, and learns what is paused: to be called before anything is read. */
  async function connect() {
    await settle(await register());
  }

  async function register(): Promise<string> {
    const id = await plane.register(flowTypes);
    [pathwayId, isSettled] = [id, false];
    logger.info({ pathwayId: id }, "pathway.registered");
    return id;
  }

  /**
   * Commands come first: one that was obeyed and not yet reported is newer than what the control plane says is
   * paused.
   */
  async function settle(id: string) {
    await obeyPending(id);
    const delivery = await plane.readDelivery();
    if (delivery) {
      const paused = pausedBy(delivery, flowTypes);
      const isNew = paused.join() !== flowTypes.filter(held.isHeld).join();
      if (isNew) {
        await held.set(paused);
        logger.info({ held: paused }, "pathway.held");
      }
    }
    isSettled = true;
  }

  /** A pathway that was deleted in the console is registered anew at the next step. */
  async function step(): Promise<"idle"> {
    const id = pathwayId ?? (await register());
    // Who cannot be asked for commands, or takes no report of one, may still take pulses.
    const [obeyed, pulsed] = await Promise.allSettled([
      isSettled ? obeyPending(id) : settle(id),
      pulseWhenDue(id),
    ]);
    for (const outcome of [obeyed, pulsed]) {
      if (outcome.status === "fulfilled") continue;
      if (isFailure(outcome.reason, "missing")) pathwayId = undefined;
      throw outcome.reason;
    }
    return "idle";
  }

  async function pulseWhenDue(id: string) {
    const now = clock.now().getTime();
    if (agoMs(pulsedAt, now) < PULSE_MS) return;
    for (const flowType of flowTypes) {
      const position = await options.readPosition(flowType);
      const counted = counters.get(flowType) ?? { acknowledged: 0, failed: 0, pulled: 0 };
      await plane.pulse(id, {
        flowType,
        ...position,
        isLive: position.isLive && !held.isHeld(flowType),
        counters: { ...counted },
        uptimeMs: Math.max(0, now - startedAt),
      });
    }
    pulsedAt = now;
  }
}
