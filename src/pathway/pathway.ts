import type { Pool, Sql } from "../database/connect.ts";
import type { Lease } from "../database/lease.ts";
import { agoMs, type Clock } from "../lib/clock.ts";
import { isFailure } from "../lib/failure.ts";
import type { Logger } from "../lib/logger.ts";
import type { ControlPlane, PathwayCommand } from "./control-plane.ts";
import { type Holding, whyNotWhileHeld } from "./held.ts";
import {
  askForRestart,
  endCommand,
  forgetCommands,
  keepCommand,
  noteAcknowledged,
  noteReported,
} from "./steering.ts";
import { pausedBy, wantedOf } from "./wanted.ts";

const PULSE_MS = 30_000;
const DAY_MS = 86_400_000;
const KEPT_MS = 30 * DAY_MS;

export interface Position {
  timeBucket: string;
  eventId: string | null;
  isLive: boolean;
}

export interface PathwayOptions {
  plane: ControlPlane;
  sql: Pool;
  lease: Lease;
  clock: Clock;
  logger: Logger;
  flowTypes: readonly string[];
  held: Holding;
  readPosition: (flowType: string) => Promise<Position>;
}

/**
 * This service as a Data Pathway of its tenant: Flowcore's console sees how it reads, and steers it. The
 * one process that reads the log does this, and reads on whether or not the control plane answers.
 *
 * - A command is obeyed once and reported once, whoever reads the log by then: `steering.ts` keeps it.
 * - What is held is kept before it is reported: `held.ts`.
 * - A restart is a replay beside the live rows: `restart.ts`.
 */
export function pathway(options: PathwayOptions) {
  const { plane, sql, lease, clock, logger, flowTypes, held } = options;
  const startedAt = clock.now().getTime();
  const counters = new Map(
    flowTypes.map((name) => [name, { acknowledged: 0, failed: 0, pulled: 0 }]),
  );
  let pathwayId: string | undefined;
  /** The control plane said since what is paused, or has no opinion. */
  let isSettled = false;
  let pulsedAt = Number.NEGATIVE_INFINITY;
  let forgotAt = Number.NEGATIVE_INFINITY;

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

  /**
   * One after the other, as they were asked for: where the control plane does not answer, what comes later
   * waits, for a pause that is obeyed behind its resume would stay. One that is refused, or that nobody knows
   * any more, keeps no other from being obeyed.
   */
  async function obeyPending(id: string) {
    const now = clock.now();
    if (agoMs(forgotAt, now.getTime()) > DAY_MS) {
      await forgetCommands(sql, new Date(now.getTime() - KEPT_MS));
      forgotAt = now.getTime();
    }
    const failures: unknown[] = [];
    for (const command of await plane.readCommands(id)) {
      if (lease.signal.aborted) return;
      try {
        await obey(id, command);
      } catch (error) {
        failures.push(error);
        if (!isFailure(error) || error.kind === "unavailable") break;
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  async function obey(id: string, command: PathwayCommand) {
    let kept = await write((tx) => keepCommand(tx, command, clock.now()));
    // It is handed out once more, and was reported.
    if (kept.reportedAt) return;
    if (!kept.acknowledgedAt) {
      await acknowledge(id, command.id);
      await write((tx) => noteAcknowledged(tx, command.id, clock.now()));
    }
    // A restart that was taken on is the restarter's, whatever is paused meanwhile.
    if (!kept.outcome && !kept.restartFrom) {
      await act(command);
      kept = await write((tx) => keepCommand(tx, command, clock.now()));
    }
    if (!kept.outcome) return;
    const phase = kept.outcome === "done" ? "running" : "failed";
    await plane.report(id, command.id, phase, kept.details ?? undefined);
    await write((tx) => noteReported(tx, command.id, clock.now()));
    const { type } = command;
    logger.info({ command: command.id, type, outcome: kept.outcome }, "pathway.command_reported");
  }

  /** One that is not taken for good, as where the note of it was lost, keeps no command from being obeyed. */
  async function acknowledge(id: string, commandId: string) {
    try {
      await plane.report(id, commandId, "acknowledged");
    } catch (error) {
      if (!isFailure(error, "malformed")) throw error;
      logger.warn({ command: commandId, error }, "pathway.acknowledgement_refused");
    }
  }

  async function act(command: PathwayCommand) {
    const wanted = wantedOf(command, flowTypes);
    const done = (tx: Sql) => endCommand(tx, command.id, { outcome: "done" }, clock.now());
    const fail = (details: string) =>
      write((tx) => endCommand(tx, command.id, { outcome: "failed", details }, clock.now()));
    if (wanted.act === "refuse") return fail(wanted.why);
    if (wanted.act === "restart") {
      if (held.isAnyHeld()) return fail(whyNotWhileHeld(held.flowTypes()));
      return write((tx) => askForRestart(tx, command.id, wanted.timeBucket));
    }
    const all = held.flowTypes();
    const next =
      wanted.act === "pause"
        ? [...new Set([...all, ...wanted.flowTypes])]
        : all.filter((flowType) => !wanted.flowTypes.includes(flowType));
    return held.set(next, done);
  }

  /** Whoever lost the lease meanwhile has nothing to say: the next holder obeys. */
  function write<Result>(work: (tx: Sql) => PromiseLike<Result>) {
    return sql.begin(async (tx) => {
      await lease.check(tx);
      return await work(tx);
    });
  }
}
