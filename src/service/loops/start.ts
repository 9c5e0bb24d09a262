import { randomUUID } from "node:crypto";
import { buildDatacore } from "../../commands/build/build-datacore.ts";
import { recountPaceOf, rowPolicyOf } from "../../commands/build/policies.ts";
import { RELAY } from "../../database/lease-names.ts";
import { RENEW_MS } from "../../database/renew-sessions.ts";
import { writeProbe } from "../../database/write-probe.ts";
import { eventFilter } from "../../intake/events/event-filter.ts";
import { translator } from "../../intake/webhooks/translate.ts";
import { aborted } from "../../lib/abort.ts";
import { createMetrics } from "../../lib/metrics.ts";
import type { LoopOptions } from "../processes/serve-options.ts";
import { eventFaults } from "../status/event-faults.ts";
import { failingLoops } from "../status/failing.ts";
import { sheetProblems } from "../status/sheet-problems.ts";
import { statusReader } from "../status/status.ts";
import { workerReport } from "../status/worker-report.ts";
import { doActs } from "./acts.ts";
import { clockWatch } from "./clocks.ts";
import { readLog, relayFacts } from "./log.ts";
import { noticeLoops } from "./notices.ts";
import { loopRunner } from "./runner.ts";
import { rush } from "./rush.ts";
import { sheetLoops } from "./sheet.ts";
import { vivenuLoops } from "./vivenu.ts";
import { listenForNotifications } from "./wake-signals.ts";

/** What has not ended by then hangs, and is left behind: nothing it still does can be committed. */
const LOOPS_STOP_MS = 3_000;

/** What comes live seldom says again what was said before; of a log of whole counts a replay keeps more. */
const KEPT_ITEMS = 1_000;

export type Loops = Awaited<ReturnType<typeof startLoops>>;

/**
 * The loops between Vivenu and the rows. Any number of processes run them: each translates, and of
 * relay, consumer, poller, mirror and notifier one in all works. They end when `signal` aborts; `ended` resolves
 * when everything has been put away.
 */
export async function startLoops(given: LoopOptions, signal: AbortSignal) {
  const { config, sql, clock, logger, version } = given;
  const metrics = createMetrics({ version, process: "worker" });
  const failing = failingLoops(sql, () => report.soon());
  const wakeSignals = await listenForNotifications(sql);
  const { run, holding } = loopRunner({
    config,
    clock,
    logger,
    failing,
    metrics,
    signal,
    ...(given.leave && { leave: given.leave }),
  });
  const clocks = clockWatch({ failing, clock });
  const context = {
    ...given,
    metrics,
    failing,
    wakeSignals,
    run,
    rush: rush(clock),
    datacore: buildDatacore(config, { keptItems: KEPT_ITEMS }),
    onSheetRequest: (outcome: string) => metrics.sheetRequests.inc({ outcome }),
    onGoogleDate: clocks.onGoogleDate,
  };
  const { onFault } = eventFaults({ sql, clock, logger });
  const shown = { ...rowPolicyOf(config), onFault };
  const readStatus = statusReader({ ...context, mirror: () => null });
  const readProblems = sheetProblems({
    read: async () => (await readStatus()).problems,
    clock,
    logger,
    everyMs: config.sheet.statusMs,
  });
  const readSentences = async () =>
    (await readStatus()).sentences.filter(({ kind }) => kind === "problem");
  const sheetOptions = { ...context, settings: config.sheet, onFault, readProblems };
  const sheet = sheetLoops({ ...context, onSync: () => report.soon() }, sheetOptions);
  const workerId = randomUUID();
  const report = workerReport({
    sql,
    clock,
    version,
    workerId,
    read: () => ({ failing: failing.here(), mirror: sheet.state() }),
  });
  const reporting = report.run(signal);
  const filter = eventFilter(config.vivenu.filter);
  const translate = translator({
    sql,
    filter,
    pace: recountPaceOf(config),
    clock,
    logger,
    onFull: context.rush.ofDeliveries,
  });
  const idleMs = config.passes.pollIntervalMs;
  const loops = Promise.all([
    run("translator", translate, { woken: wakeSignals.inbox, idleMs }),
    holding(RELAY, (lease) => relayFacts(context, lease)),
    holding("consumer", (lease) => readLog({ ...context, shown }, lease)),
    holding("poller", vivenuLoops(context)),
    sheet.work && holding("mirror", sheet.work),
    config.notify &&
      holding("notifier", noticeLoops({ ...context, readProblems: readSentences }, config.notify)),
    doActs({ ...context, workerId }, signal),
    run("clocks", clocks.besidePostgres(writeProbe({ sql, renewAfterMs: RENEW_MS })), {
      idleMs: clocks.everyMs,
    }),
  ]);
  return { metrics, failing, ended: end(), readMetrics };

  async function end() {
    await Promise.race([loops, aborted(signal)]);
    await Promise.race([Promise.all([loops, reporting]), clock.pause(LOOPS_STOP_MS)]);
    context.datacore.close();
  }

  function readMetrics() {
    const { lastSyncAt, cellsWritten } = sheet.state() ?? { lastSyncAt: null, cellsWritten: 0 };
    metrics.cellsWritten.reset();
    metrics.cellsWritten.inc(cellsWritten);
    if (lastSyncAt !== null) metrics.sheetLastSync.set(Date.parse(lastSyncAt) / 1_000);
    return metrics.registry.getMetricsAsJSON();
  }
}
