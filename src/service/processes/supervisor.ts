import type { Failing, FailingLoop } from "../status/failing.ts";
import { causeOf } from "../../database/fault.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { backoffMs } from "../../lib/loop.ts";
import type { MetricsJson } from "../../lib/metrics.ts";
import { within } from "../../lib/time-limit.ts";
import { ALIVE_MS, FromPart, type ToPart } from "./link.ts";
import type { Part } from "./serve-options.ts";

/** A process that was started, and how it is spoken to. */
export interface Child {
  pid: number;
  send(message: ToPart): void;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  /** In words: `code 1`, `SIGKILL`. */
  ended: Promise<string>;
}

export interface SupervisorOptions {
  /** As /status calls it. */
  name: Part;
  start: (hear: (message: unknown) => void) => Child;
  failing: Failing;
  clock: Clock;
  logger: Logger;
  /** Shorter in tests. */
  aliveMs?: number;
}

/** What a caller notices while it is not there. */
const meanwhile: Record<Part, string> = {
  worker: "Webhooks are taken meanwhile.",
  reads: "Webhooks are taken meanwhile; what is under /api is answered with 503.",
};
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
 * Keeps one process running until `signal` aborts, and once `stopping` does, no longer than it lives: what ended is started again, after a pause that
 * doubles, and what is silent is killed first. /status says so, until it has run for a minute.
 */
export function supervisor(
  options: SupervisorOptions,
  signal: AbortSignal,
  stopping: AbortSignal = signal,
) {
  const { name, start, failing, clock, logger, aliveMs = ALIVE_MS } = options;
  const asked = new Map<number, (metrics: MetricsJson) => void>();
  let asks = 0;
  let child: Child | undefined;
  let port: number | undefined;
  const adopt = adopting(failing, clock);

  return { ended: keep(), readMetrics, port: () => port };

  async function keep() {
    let deaths = 0;
    while (!signal.aborted) {
      const startedAt = performance.now();
      // Where the system has no room for a process, what is answered here goes on.
      const reason = await live(deaths).catch(
        (error: unknown) => `it could not be started: ${causeOf(error)}`,
      );
      if (signal.aborted || stopping.aborted) return;
      deaths = performance.now() - startedAt > STEADY_MS ? 1 : deaths + 1;
      const pauseMs = backoffMs(deaths, FIRST_PAUSE_MS);
      const at = clock.now();
      const again = `it is started again ${pauseMs / 1_000} s later. ${meanwhile[name]}`;
      const times = deaths === 1 ? "" : `, ${deaths} times in a row`;
      failing.note(name, `it ended (${reason}) at ${at.toISOString()}${times}; ${again}`, at);
      logger.error({ part: name, reason, deaths, pauseMs }, "part.ended");
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
      const { data: message } = FromPart.safeParse(said);
      missed = 0;
      if (isSilent && !isHanging) failing.clear(name);
      isSilent = false;
      if (message?.say === "started") isStarted = true;
      if (message?.say === "listening") port = message.port;
      if (message?.say === "failing") adopt(message.loops);
      if (message?.say === "measured") asked.get(message.id)?.(message.metrics);
    });
    child = own;
    logger.info({ part: name, pid: own.pid }, "part.started");
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
      deaths > 0 ? setTimeout(() => !isSilent && failing.clear(name), STEADY_MS) : undefined;
    const how = await own.ended;
    child = undefined;
    port = undefined;
    adopt([]);
    clearInterval(watch);
    clearTimeout(steady);
    signal.removeEventListener("abort", stop);
    return isHanging ? "it did not answer and was killed" : how;
  }

  function noteSilence() {
    const at = clock.now();
    failing.note(
      name,
      `it does not answer at ${at.toISOString()}; it is killed if that lasts.`,
      at,
    );
    logger.warn({ part: name }, "part.silent");
  }

  function tell(to: Child, message: ToPart) {
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

/** Tells what fails in another process as if it failed here, until that says that it does no more. */
export function adopting(failing: Failing, clock: Clock) {
  const told = new Set<string>();
  return (loops: FailingLoop[]) => {
    for (const loop of told)
      if (!loops.some((one) => one.loop === loop)) {
        told.delete(loop);
        failing.clear(loop);
      }
    for (const { loop, message, account } of loops) {
      told.add(loop);
      failing.note(account === null ? loop : { loop, account }, message, clock.now());
    }
  };
}
