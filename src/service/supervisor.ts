import type { Failing } from "../commands/failing.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import { backoffMs } from "../lib/loop.ts";
import type { MetricsJson } from "../lib/metrics.ts";
import { within } from "../lib/time-limit.ts";
import { ALIVE_MS, FromWorker, type ToWorker } from "./link.ts";

/** A process that was started, and how it is spoken to. */
export interface Child {
  pid: number;
  send(message: ToWorker): void;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  /** In words: `code 1`, `SIGKILL`. */
  ended: Promise<string>;
}

export interface SupervisorOptions {
  start: (hear: (message: unknown) => void) => Child;
  failing: Failing;
  clock: Clock;
  log: Logger;
  /** Shorter in tests. */
  aliveMs?: number;
}

/** As /status calls it. */
const NAME = "worker";
/** So many seconds a slow machine may need to start it, and so many it may be silent afterwards. */
const STARTING = 120;
const SILENT = 30;
/** Above what its loops are given. */
const STOP_MS = 4_500;
/** Who lived so long is not of those that die again and again. */
const STEADY_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const MEASURED_MS = 2_000;

/**
 * Keeps one process running until `signal` aborts: what ended is started again, after a pause that
 * doubles, and what is silent is killed first. /status says so, until it has run for a minute.
 */
export function supervisor(options: SupervisorOptions, signal: AbortSignal) {
  const { start, failing, clock, log, aliveMs = ALIVE_MS } = options;
  const asked = new Map<number, (metrics: MetricsJson) => void>();
  let asks = 0;
  let child: Child | undefined;

  return { ended: keep(), readMetrics };

  async function keep() {
    let deaths = 0;
    while (!signal.aborted) {
      const startedAt = performance.now();
      const reason = await live(deaths);
      if (signal.aborted) return;
      deaths = performance.now() - startedAt > STEADY_MS ? 1 : deaths + 1;
      const pauseMs = backoffMs(deaths, FIRST_PAUSE_MS);
      const at = clock.now();
      const again = `it is started again ${pauseMs / 1_000} s later. Webhooks are taken meanwhile.`;
      const times = deaths === 1 ? "" : `, ${deaths} times in a row`;
      failing.note(NAME, `it ended (${reason}) at ${at.toISOString()}${times}; ${again}`, at);
      log.error({ reason, deaths, pauseMs }, "worker.ended");
      await clock.pause(pauseMs, signal);
    }
  }

  /** From its start to its end; says how it ended. */
  async function live(deaths: number): Promise<string> {
    let missed = 0;
    let isStarted = false;
    let isSilent = false;
    let isHanging = false;
    const own = start((said) => {
      const { data: message } = FromWorker.safeParse(said);
      missed = 0;
      if (isSilent && !isHanging) failing.clear(NAME);
      isSilent = false;
      if (message?.say === "started") isStarted = true;
      if (message?.say === "measured") asked.get(message.id)?.(message.metrics);
    });
    child = own;
    log.info({ pid: own.pid }, "worker.started");
    const stop = () => stopInTime(own);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    // Its seconds are counted and not measured: after a frost of this process nothing is missing.
    const watch = setInterval(() => {
      missed += 1;
      tell(own, { say: "alive" });
      if (isStarted && missed === SILENT / 3) {
        isSilent = true;
        noteSilence();
      }
      if (missed < (isStarted ? SILENT : STARTING)) return;
      isHanging = true;
      own.kill("SIGKILL");
    }, aliveMs);
    const steady =
      deaths > 0 ? setTimeout(() => !isSilent && failing.clear(NAME), STEADY_MS) : undefined;
    const how = await own.ended;
    child = undefined;
    clearInterval(watch);
    clearTimeout(steady);
    signal.removeEventListener("abort", stop);
    return isHanging ? "it did not answer and was killed" : how;
  }

  function noteSilence() {
    const at = clock.now();
    failing.note(
      NAME,
      `it does not answer at ${at.toISOString()}; it is killed if that lasts.`,
      at,
    );
    log.warn("worker.silent");
  }

  function tell(to: Child, message: ToWorker) {
    try {
      to.send(message);
    } catch {
      // It has just ended, which is told by its end.
    }
  }

  /** Undefined where it is not there or does not answer. */
  async function readMetrics(): Promise<MetricsJson | undefined> {
    if (!child) return undefined;
    const id = ++asks;
    const answer = Promise.withResolvers<MetricsJson>();
    asked.set(id, answer.resolve);
    tell(child, { say: "measure", id });
    try {
      return await within(MEASURED_MS, () => answer.promise);
    } catch {
      return undefined;
    } finally {
      asked.delete(id);
    }
  }
}

/** What was asked to stop and does not is killed. */
function stopInTime(child: Child) {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  void child.ended.then(() => clearTimeout(timer));
}
