import { causeOf } from "../../database/fault.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { backoffMs } from "../../lib/loop.ts";
import type { MetricsJson } from "../../lib/metrics.ts";
import type { Failing } from "../status/failing.ts";
import { adopting } from "./adopted-failures.ts";
import { metricsAsker } from "./asked-metrics.ts";
import { ALIVE_MS, FromPart, type ToPart } from "./part-messages.ts";
import type { Part } from "./serve-options.ts";
import { silenceWatch } from "./silence.ts";

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
/** Above what its loops are given. */
const STOP_MS = 4_500;
/** Who lived so long is not of those that die again and again. */
const STEADY_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Of a kill that was none of ours. */
const KILLED = "SIGKILL: somebody else killed it, as a rule the system for want of memory";

/**
 * Keeps one process running until `signal` aborts: what ended is started again, after a pause that doubles, and
 * what is silent is killed first. /status says so, until it has run for a minute. Once `stopping` aborts, what
 * ends is not started again.
 */
export function supervisor(
  options: SupervisorOptions,
  signal: AbortSignal,
  stopping: AbortSignal = signal,
) {
  const { name, start, failing, clock, logger, aliveMs = ALIVE_MS } = options;
  let child: Child | undefined;
  let port: number | undefined;
  const adopt = adopting(failing, clock);
  const metrics = metricsAsker();

  return { ended: keepRunning(), readMetrics, port: () => port };

  async function keepRunning() {
    let deaths = 0;
    while (!signal.aborted) {
      const startedAt = performance.now();
      // Where the system has no room for a process, what is answered here goes on.
      const reason = await liveOnce(deaths).catch(
        (error: unknown) => `it could not be started: ${causeOf(error)}`,
      );
      if (signal.aborted || stopping.aborted) return;
      deaths = performance.now() - startedAt > STEADY_MS ? 1 : deaths + 1;
      const pauseMs = backoffMs(deaths, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
      noteEnd(reason, deaths, pauseMs);
      await clock.pause(pauseMs, signal);
    }
  }

  /** From its start to its end; says how it ended. */
  async function liveOnce(deaths: number): Promise<string> {
    const silence = silenceWatch({
      secondMs: aliveMs,
      onSecond: () => tell(own, { say: "alive" }),
      onSilent: noteSilence,
      onSpeaking: () => failing.clear(name),
      onHanging: () => own.kill("SIGKILL"),
    });
    const own = start((said) => {
      const { data: message } = FromPart.safeParse(said);
      silence.heard();
      if (message?.say === "started") silence.started();
      if (message) hear(message);
    });
    child = own;
    logger.info({ part: name, pid: own.pid }, "part.started");
    const letBe = stopOnAbort(own, signal);
    silence.begin();
    const clearOnceSteady = () => !silence.isSilent() && failing.clear(name);
    const steady = deaths > 0 ? setTimeout(clearOnceSteady, STEADY_MS) : undefined;
    const how = await own.ended;
    child = undefined;
    port = undefined;
    adopt([]);
    silence.end();
    clearTimeout(steady);
    letBe();
    if (silence.isHanging()) return "it did not answer and was killed";
    return how === "SIGKILL" ? KILLED : how;
  }

  function hear(message: FromPart) {
    if (message.say === "listening") port = message.port;
    if (message.say === "failing") adopt(message.loops);
    if (message.say === "measured") metrics.answered(message.id, message.metrics);
  }

  function noteEnd(reason: string, deaths: number, pauseMs: number) {
    const at = clock.now();
    const again = `it is started again ${pauseMs / 1_000} s later. ${meanwhile[name]}`;
    const times = deaths === 1 ? "" : `, ${deaths} times in a row`;
    failing.note(name, `it ended (${reason}) at ${at.toISOString()}${times}; ${again}`, at);
    logger.error({ part: name, reason, deaths, pauseMs }, "part.ended");
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

  /** Undefined where it is not there or does not answer. */
  async function readMetrics(): Promise<MetricsJson | undefined> {
    const asked = child;
    return asked && metrics.ask((id) => tell(asked, { say: "measure", id }));
  }
}

function tell(child: Child, message: ToPart) {
  try {
    child.send(message);
  } catch {
    // It has just ended, which is told by its end.
  }
}

/** Asks it to stop when `signal` aborts; what does not is killed. Returns what ends the waiting for that. */
function stopOnAbort(child: Child, signal: AbortSignal): () => void {
  const stop = () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    void child.ended.then(() => clearTimeout(timer));
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  return () => signal.removeEventListener("abort", stop);
}
