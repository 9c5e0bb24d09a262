import { replayRows } from "../../commands/replay.ts";
import { flowTypes } from "../../contracts/index.ts";
import { toldOf } from "../../database/fault.ts";
import type { Lease } from "../../database/lease.ts";
import { deferSent } from "../../datacore/outbox.ts";
import { timeBucketOf } from "../../datacore/time-bucket.ts";
import { isTimeUuid, storedAt } from "../../datacore/time-uuid.ts";
import { controlPlane } from "../../pathway/control-plane.ts";
import { holding } from "../../pathway/held.ts";
import { type Position, pathway } from "../../pathway/pathway.ts";
import { restarter } from "../../pathway/restart.ts";
import { readCheckpoint, readNewestFactId } from "../../projections/consumer/checkpoint.ts";
import type { LoopContext } from "./loop-context.ts";

/** As /status calls what Flowcore's console sees and steers. */
const PATHWAY = "the Data Pathway";
const COMMANDS_MS = 5_000;
const LIVE_MS = 60_000;
/** A log of years. */
const RESTART_MS = 6 * 3_600_000;

/**
 * What is held, and who may change it: asked for before anything is read, and again for as long as the
 * lease lasts. Without a name in the configuration nobody could release what is held, so nothing is.
 */
export async function steered(context: LoopContext, lease: Lease) {
  const { config, sql, clock, logger, version, failing, run } = context;
  const { pathway: settings, flowcore, sending } = config;
  const held = await holding({
    sql,
    lease,
    now: () => clock.now(),
    onReleased: (tx, released) =>
      deferSent(tx, released, new Date(clock.now().getTime() + sending.unconfirmedMs)),
  });
  if (settings.name === undefined) {
    if (held.isAnyHeld()) {
      logger.warn({ held: held.flowTypes() }, "pathway.released");
      await held.set([]);
    }
    return { held, onApplied: () => {}, loops: () => [] };
  }
  const plane = controlPlane({
    tenant: flowcore.tenant,
    dataCore: flowcore.dataCore,
    baseUrl: flowcore.baseUrl,
    apiKey: flowcore.apiKey.reveal(),
    name: settings.name,
    version,
  });
  const shared = { sql, lease, clock, logger };
  const { connect, step, onApplied } = pathway({
    ...shared,
    held,
    plane,
    flowTypes,
    readPosition: (flowType) => readPosition(context, flowType),
  });
  const replay = restarter({
    ...shared,
    replay: (from, onSwap) =>
      replayRows(context, { from, dryRun: false, onSwap }, lease.signal, () => {}),
  });
  // Who cannot be asked has no opinion: what was held last is held.
  await connect().catch((error: unknown) => {
    failing.note(PATHWAY, toldOf(error), clock.now(), lease);
    logger.warn({ error }, "pathway.silent");
  });
  return {
    held,
    onApplied,
    loops: () => [
      run(PATHWAY, step, { lease, idleMs: COMMANDS_MS }),
      run("restart of the Data Pathway", replay, {
        lease,
        idleMs: COMMANDS_MS,
        limitMs: RESTART_MS,
      }),
    ],
  };
}

export type Steered = Awaited<ReturnType<typeof steered>>;

/** Up to where everything was read; before the first look at the log, its beginning. */
export async function readPosition(
  { sql, clock }: Pick<LoopContext, "sql" | "clock">,
  flowType: string,
): Promise<Position> {
  const [reached, newest] = await Promise.all([
    readCheckpoint(sql, flowType),
    readNewestFactId(sql, flowType),
  ]);
  const readAt = reached?.readAt ?? new Date(0);
  const timeBucket = timeBucketOf(readAt);
  // What is known by a stand-in has another id there, or none.
  const isThere = newest !== undefined && isTimeUuid(newest);
  const isOfHour = isThere && timeBucketOf(storedAt(newest)) === timeBucket;
  return {
    timeBucket,
    eventId: isOfHour ? newest : null,
    isLive: clock.now().getTime() - readAt.getTime() < LIVE_MS,
  };
}
