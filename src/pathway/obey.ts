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
import { wantedOf } from "./wanted.ts";

const DAY_MS = 86_400_000;
const KEPT_MS = 30 * DAY_MS;

export interface CommandsOptions {
  plane: ControlPlane;
  sql: Pool;
  lease: Lease;
  clock: Clock;
  logger: Logger;
  flowTypes: readonly string[];
  held: Holding;
}

/** Obeys each command of the console once and reports it once: what became of it is kept before it is said. */
export function commandObeyer({
  plane,
  sql,
  lease,
  clock,
  logger,
  flowTypes,
  held,
}: CommandsOptions) {
  let forgotAt = Number.NEGATIVE_INFINITY;

  /**
   * One after the other, as they were asked for: where the control plane does not answer, what comes later
   * waits, for a pause that is obeyed behind its resume would stay. One that is refused, or that nobody knows
   * any more, keeps no other from being obeyed.
   */
  return async function obeyPending(id: string) {
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
  };

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
