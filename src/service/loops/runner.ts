import type { Surroundings } from "../../commands/build/surroundings.ts";
import { toldOf } from "../../database/fault.ts";
import { type Lease, type LeaseOptions, whileHolding } from "../../database/lease.ts";
import type { LeaseName } from "../../database/lease-names.ts";
import { loop, type WakeSignal, wakeSignal } from "../../lib/loop.ts";
import type { Metrics } from "../../lib/metrics.ts";
import type { Failing } from "../status/failing.ts";
import { standingWatch } from "../status/standing.ts";
import { standingTold } from "../status/standing-told.ts";

const HEARTBEAT_MS = 1_000;
const SILENT_MS = 15_000;
/** A vital loop that gets nothing done for so long is dead, though its process lives. */
const DEAD_MS = 5 * 60_000;
/** So long one may fail while another process waits for its turn: whether it is this one's way to Flowcore, only that can find out. */
const FAILING_MS = 15 * 60_000;

export interface RunOptions {
  lease?: Lease;
  /** Asked each time, where it is a function. */
  idleMs: number | (() => number);
  woken?: WakeSignal;
  /** How long a step may get nothing done. */
  limitMs?: number;
  /** Where it is dead or fails for long, its lease is given up for another process to take. */
  isVital?: boolean;
}

export interface RunnerOptions extends Pick<Surroundings, "config" | "clock" | "logger"> {
  failing: Failing;
  metrics: Metrics;
  /** Ends all loops. */
  signal: AbortSignal;
  /** Ends this process, where work hangs that nothing else can end. */
  leave?: (reason: string) => void;
}

export type Run = ReturnType<typeof loopRunner>["run"];

/** Runs loops, alone or while a lease is held, and says how they fare. */
export function loopRunner(options: RunnerOptions) {
  const { config, clock, logger, failing, metrics, signal, leave } = options;
  const now = () => clock.now();

  /**
   * A loop that says in /status that it fails or stands still, for as long as it does. A step that takes
   * long calls `progress` at whatever it gets done.
   */
  async function run(
    name: string,
    step: (progress: () => void) => Promise<"more" | "idle">,
    { lease, idleMs, woken = wakeSignal(), limitMs, isVital = false }: RunOptions,
  ) {
    const steps = standingWatch(standingTold({ failing, clock, logger }, lease), limitMs);
    const giveUp = (why: string, toAnother = false) =>
      isVital && lease?.giveUp(`${name} ${why}`, { toAnother });
    const lives = standingWatch(
      { onStanding: () => giveUp("gets nothing done"), onGoing: () => {} },
      DEAD_MS,
    );
    let failingSince: number | undefined;
    const stepAndNote = async () => {
      const outcome = await steps.watch(name, now, (goesOn) =>
        lives.watch(name, now, (isAlive) =>
          step(() => {
            goesOn();
            isAlive();
          }),
        ),
      );
      failingSince = undefined;
      failing.clear(name, lease);
      return outcome;
    };
    const onFailure = (error: unknown, failures: number) => {
      failing.note(name, toldOf(error), clock.now(), lease);
      logger.error({ loop: name, failures, error }, "loop.failed");
      const at = clock.now().getTime();
      failingSince ??= at;
      if (at - failingSince >= FAILING_MS) giveUp("fails without an end", true);
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
      onAbandoned: () => leave?.(`the work of the lease ${name} hangs`),
      onTurn: (isHolder) => metrics.leaseHeld.set({ lease: name }, isHolder ? 1 : 0),
    };
    return whileHolding(lease, async (held) => {
      await work(held).catch((error: unknown) => {
        if (signal.aborted) throw error;
        const told = `its work cannot begin or go on: ${toldOf(error)}`;
        failing.note(`lease ${name}`, told, clock.now(), held);
        // It is said in PostgreSQL until the next turn, this process's or another's.
        failing.clear(`lease ${name}`);
        throw error;
      });
    });
  }

  return { run, holding };
}
