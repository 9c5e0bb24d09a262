import type { AdminAct, AdminAction } from "../../api/operation/operations.ts";
import type { Surroundings } from "../../commands/build/surroundings.ts";
import type { Done } from "../../commands/dead-letters.ts";
import { deliverAgain } from "../../intake/store/stored-deliveries.ts";
import { Failure } from "../../lib/failure.ts";
import type { ActEnd } from "./admin-actions.ts";

type Wanted = Pick<AdminAction, "act" | "subject" | "by">;

/** Does what the command of the same name does; what that needs is loaded when it is asked for. */
export async function runAct(
  surroundings: Surroundings,
  { act, subject, by }: Wanted,
  signal: AbortSignal,
): Promise<ActEnd> {
  const chosen = { ...(subject.ids && { ids: subject.ids }), by: `${by} (API)` };
  const letters = () => import("../../commands/dead-letters.ts");
  const acts: Record<AdminAct, () => Promise<ActEnd>> = {
    poll: () => pollOne(surroundings, subject.region, signal),
    deliver: async () => {
      const ids = subject.ids ?? [];
      const again = await deliverAgain(surroundings.sql, ids);
      return endOf(
        ids.map((id) =>
          again.has(id)
            ? { id, outcome: "released", reason: null }
            : { id, outcome: "kept", reason: "its body is not stored any more" },
        ),
      );
    },
    retry: async () =>
      endOf(await (await letters()).retryDeadLetters(surroundings, signal, chosen)),
    release: async () => endOf(await (await letters()).releaseRefused(surroundings, chosen)),
    drop: async () => endOf(await (await letters()).dropDeadLetters(surroundings, chosen)),
    replayDryRun: async () => {
      const { replayRows, describeReplay } = await import("../../commands/replay.ts");
      const report = await replayRows(surroundings, { dryRun: true }, signal, () => {});
      return { outcome: "done", result: describeReplay(report).split("\n") };
    },
  };
  return acts[act]();
}

async function pollOne(
  surroundings: Surroundings,
  region: string | undefined,
  signal: AbortSignal,
): Promise<ActEnd> {
  const known = surroundings.config.vivenu.accounts.some((account) => account.region === region);
  if (region === undefined || !known)
    throw new Failure("missing", `no account ${region} is configured where the loops run`);
  const { poll, describeResult } = await import("../../commands/poll.ts");
  const result = await poll(surroundings, signal, { regions: [region] });
  return {
    outcome: result.complete ? "done" : "failed",
    result: describeResult(result).split("\n"),
  };
}

/** One that was left as it was is named with the others, and makes the act one that failed. */
const endOf = (done: readonly Done[]): ActEnd => ({
  outcome: done.some(({ outcome }) => outcome === "kept") ? "failed" : "done",
  result:
    done.length === 0
      ? ["nothing is set aside"]
      : done.map(({ id, outcome, reason }) => `${id}: ${outcome}${reason ? `, ${reason}` : ""}`),
});
