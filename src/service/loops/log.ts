import { flowTypes } from "../../contracts/index.ts";
import { toldOf } from "../../database/fault.ts";
import type { Lease } from "../../database/lease.ts";
import { RELAY } from "../../database/lease-names.ts";
import type { Datacore } from "../../datacore/datacore.ts";
import { KEEP_CONFIRMED_MS, outboxRelay } from "../../datacore/outbox-relay.ts";
import { counted } from "../../lib/counted.ts";
import { messageOf } from "../../lib/failure.ts";
import { redactText } from "../../lib/logger.ts";
import { FlowHeld, readHeld } from "../../pathway/held.ts";
import { readCheckpoints } from "../../projections/consumer/checkpoint.ts";
import { consumer } from "../../projections/consumer/consumer.ts";
import { shownRefiller } from "../../projections/consumer/refill-shown.ts";
import { deadLetterRetrier } from "../../projections/consumer/retry-dead-letters.ts";
import { tellRemade } from "../../projections/consumer/row-messages.ts";
import { projectionsFor, type RowsOptions } from "../../projections/derived/projections.ts";
import { refill } from "../../projections/derived/refill-derived.ts";
import type { LoopContext } from "./loop-context.ts";
import { type Steered, steered } from "./pathway.ts";
import { FACTS_CHANNEL, signalAmong } from "./wake-signals.ts";

/** As /status calls what the outbox relay cannot deliver to. */
const DATACORE = "the datacore";

/** As /status calls event types that the data core does not have. */
const EVENT_TYPES = "event types of the data core";
/** As /status calls what the datacore took and does not show. */
const LOG = "the log";
/** One event's rows, with a past of years. */
const REMAKING_MS = 600_000;
/** Until what could not be made is tried again; once all is done there is nothing more to do. */
const REFILLED_MS = 60_000;

interface LogContext extends LoopContext {
  datacore: Datacore;
}

/** Facts on their way to the log, until they were read back. */
export async function relayFacts(context: LogContext, lease: Lease): Promise<void> {
  const { sql, datacore, clock, logger, config, metrics, failing, wakeSignals, run } = context;
  const { signal, check } = lease;
  const step = outboxRelay({
    sql,
    signal,
    check,
    datacore,
    clock,
    logger,
    concurrency: 16,
    batchSize: 400,
    together: 100,
    unconfirmedMs: config.sending.unconfirmedMs,
    keepConfirmedMs: KEEP_CONFIRMED_MS,
    readHeld: async () => (await readHeld(sql)).map(({ flowType }) => flowType),
    onSent: () => void sql.notify(FACTS_CHANNEL, "").catch(() => {}),
    onResent: () => metrics.factsResent.inc(),
    onOutage: (reason) => {
      if (reason === undefined) return failing.clear(DATACORE, lease);
      const told = `it takes no facts: ${redactText(reason)}. They wait, and it is asked again and again.`;
      failing.note(DATACORE, told, clock.now(), lease);
    },
    lost: {
      readTimes: async () =>
        new Map((await readCheckpoints(sql)).map(({ flowType, readAt }) => [flowType, readAt])),
      onLost(lost) {
        if (lost === undefined) return failing.clear(LOG, lease);
        const { facts, since } = lost;
        const told = `Flowcore took ${counted(facts, "fact")} that cannot be read back, the oldest since ${since.toISOString()}; they are sent again until they can.`;
        failing.note(LOG, told, clock.now(), lease);
      },
    },
    onMissingTypes(reasons) {
      if (reasons.length === 0) return failing.clear(EVENT_TYPES, lease);
      const told = `facts of some are not taken, and wait: ${redactText(reasons.join("; "))}. \`datacore apply\` creates them.`;
      failing.note(EVENT_TYPES, told, clock.now(), lease);
    },
  });
  const idleMs = config.passes.pollIntervalMs;
  await run(RELAY, step, { lease, isVital: true, woken: wakeSignals.outbox, idleMs });
  failing.clear(DATACORE, lease);
  failing.clear(EVENT_TYPES, lease);
  failing.clear(LOG, lease);
}

interface RowContext extends LogContext {
  /** How the rows that people read are made. */
  shown: RowsOptions;
}

/** The log, one reader for each flow type, dead letters, and rows that an older program made. */
export async function readLog(context: RowContext, lease: Lease) {
  const steering = await steered(context, lease);
  return together(lease, [
    ...flowTypes.map((flowType) => readFlowType(flowType, context, lease, steering)),
    retryFailed(context, lease, steering),
    refillShown(context, lease),
    refillDerived(context, lease),
    ...steering.loops(),
  ]);
}

/** One that cannot go on ends the others, and all are waited for: nothing of a turn outlives it unseen. */
async function together(lease: Lease, works: readonly Promise<unknown>[]) {
  try {
    await Promise.all(works);
  } catch (error) {
    lease.giveUp(messageOf(error));
    await Promise.allSettled(works);
    throw error;
  }
}

async function readFlowType(
  flowType: string,
  context: RowContext,
  lease: Lease,
  { held, onApplied }: Steered,
) {
  const { sql, datacore, clock, logger, config, metrics, failing, wakeSignals, run } = context;
  const { check, signal } = lease;
  const name = `consumer of ${flowType}`;
  let goesOn = () => {};
  const read = consumer({
    flowType,
    datacore,
    sql,
    projections: projectionsFor(context.shown),
    settings: config.passes,
    clock,
    logger,
    async check(tx) {
      held.check(flowType);
      await check(tx);
    },
    signal,
    isFollowed: true,
    onProgress: () => goesOn(),
    // A request that is given up is an end as well: else this loop would be said to stand still, without the cause.
    onTooSlow(failure, facts) {
      goesOn();
      const told = `${toldOf(failure)}; ${facts} facts are asked for at one time now.`;
      failing.note(name, told, clock.now(), lease);
    },
    // What is left of its pass may take minutes, and is read as any other.
    onInTime: () => failing.clear(name, lease),
    onApplied: (page) => {
      const { pass, applied, deadLettered, ages } = page;
      // What came meanwhile may take minutes, and is read.
      if (applied > 0) failing.clear(name, lease);
      onApplied(flowType, page);
      context.rush.ofFacts(applied);
      metrics.factsApplied.inc({ flow_type: flowType }, applied);
      metrics.factsSetAside.inc({ flow_type: flowType }, deadLettered);
      for (const age of ages) metrics.factAge.observe({ flow_type: flowType, pass }, age);
    },
  });
  const step = async (progress: () => void) => {
    goesOn = progress;
    return held.isHeld(flowType) ? "idle" : idleWhenHeld(read);
  };
  return run(name, step, {
    lease,
    isVital: true,
    woken: signalAmong(wakeSignals.facts, signal),
    idleMs: config.passes.pollIntervalMs,
  });
}

/** What is held in the middle of a transaction is rolled back, and done when it is released. */
async function idleWhenHeld(work: () => Promise<"more" | "idle">) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FlowHeld) return "idle";
    throw error;
  }
}

/** Facts that failed in a way that nobody foresaw are tried a few times more. */
function retryFailed(context: RowContext, lease: Lease, { held, onApplied }: Steered) {
  const { sql, datacore, clock, logger, metrics, run, shown } = context;
  const { signal } = lease;
  const projections = projectionsFor(shown);
  const { retryDue } = deadLetterRetrier({
    sql,
    datacore,
    projections,
    clock,
    logger,
    signal,
    onApplied(flowType) {
      onApplied(flowType, { applied: 1, deadLettered: 0 });
      metrics.factsApplied.inc({ flow_type: flowType });
    },
    async check(tx, flowType) {
      held.check(flowType);
      await lease.check(tx);
    },
  });
  // Of which flow type they are is not asked: while any is held, all of them wait.
  const step = async () => (held.isAnyHeld() ? "idle" : idleWhenHeld(retryDue));
  return run("dead letters", step, { lease, idleMs: 5_000 });
}

/** Whoever had the lease before may have been another program, told otherwise by its operator. */
function refillShown({ sql, shown, logger, run }: RowContext, lease: Lease) {
  const step = shownRefiller({ sql, shown, logger, check: lease.check });
  return run("refilling rows", step, { lease, idleMs: REFILLED_MS });
}

/** What was made under other settings, or is left to the background. */
function refillDerived({ sql, clock, shown, run }: RowContext, lease: Lease) {
  const { check, signal } = lease;
  const step = refill({ sql, clock, check, tell: tellRemade, signal, ...shown });
  return run("rows under the settings", step, { lease, idleMs: 2_000, limitMs: REMAKING_MS });
}
