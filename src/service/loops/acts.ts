import type { AdminAct } from "../../api/operation/operations.ts";
import { messageOf } from "../../lib/failure.ts";
import { redactText } from "../../lib/logger.ts";
import { endAbandoned, endAct, takeAct } from "../acts/admin-actions.ts";
import { runAct } from "../acts/run-act.ts";
import type { LoopContext } from "./loop-context.ts";

/** A trial of a replay reads the whole log, and nothing else is to wait for it. */
const lanes: Record<string, readonly AdminAct[]> = {
  "operators' acts": ["poll", "deliver", "retry", "release", "drop"],
  "operators' trials": ["replayDryRun"],
};
/** A poll of everything, a log of years. */
const LIMIT_MS = 6 * 3_600_000;

type ActContext = Pick<
  LoopContext,
  "sql" | "clock" | "logger" | "config" | "run" | "wakeSignals"
> & { workerId: string };

/** What operators ask for by the API, in any process that runs the loops, one after the other. */
export const doActs = (context: ActContext, signal: AbortSignal) =>
  Promise.all(
    Object.entries(lanes).map(([name, acts]) =>
      context.run(name, actor(context, acts, signal), {
        woken: context.wakeSignals.actionsFor(signal),
        idleMs: 10_000,
        limitMs: LIMIT_MS,
      }),
    ),
  );

export function actor(
  { workerId, ...surroundings }: Omit<ActContext, "run" | "wakeSignals">,
  acts: readonly AdminAct[],
  signal: AbortSignal,
) {
  const { sql, clock, logger } = surroundings;
  return async (): Promise<"more" | "idle"> => {
    await endAbandoned(sql, clock.now());
    const action = await takeAct(sql, { acts, workerId, now: clock.now() });
    if (!action) return "idle";
    const { id, act, by } = action;
    const end = await runAct(surroundings, action, signal).catch((error: unknown) => ({
      outcome: "failed" as const,
      result: [redactText(messageOf(error))],
    }));
    await endAct(sql, id, end, clock.now());
    logger.info({ actionId: id, act, by, outcome: end.outcome }, "admin_action.ended");
    return "more";
  };
}
