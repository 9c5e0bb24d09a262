/**
 * vivenu-event-monitor: what Vivenu has on sale and has sold, in a sheet and behind an API.
 *
 *   webhooks ─► inbox ─┐                                              ┌─► REST API
 *                      ├─► outbox ─► datacore ─► projections ─► rows ─┤
 *   poller ────────────┘             (Flowcore)                       └─► Google Sheet
 *
 * The datacore is the only truth. Rows and cells can be dropped and rebuilt from it at any time.
 *
 * This file reads the environment and starts the command that was asked for. It holds no logic.
 */
import { runProgram } from "./commands/program/program.ts";
import { isHangupIgnored } from "./lib/hangup.ts";
import type { Parent } from "./service/processes/supervised.ts";

const SAME_REQUEST_MS = 500;

const { argv, stdout, stderr } = process;
const parent = parentOf(process.send?.bind(process));
const caller = { env: process.env, stdout, stderr, stopSignal, parent };
process.exit(await runProgram(argv.slice(2), caller));

/**
 * Aborts at the first SIGTERM, SIGINT or SIGHUP; the second ends the process at once. Who signals a whole
 * group, and the `npm` in it that passes the signal on, mean one request.
 */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  let firstAt = 0;
  const ask = () => {
    if (stop.signal.aborted && performance.now() - firstAt > SAME_REQUEST_MS) process.exit(1);
    if (!stop.signal.aborted) firstAt = performance.now();
    stop.abort();
  };
  process.on("SIGTERM", ask);
  // A terminal's Ctrl-C, and its end, reach the whole group: whoever started this one says when it is to stop.
  process.on("SIGINT", parent ? () => {} : ask);
  if (!isHangupIgnored()) process.on("SIGHUP", parent ? () => {} : ask);
  return stop.signal;
}

/** Whoever starts this with a channel to it, as `serve` starts the process for its loops. */
function parentOf(send: typeof process.send): Parent | undefined {
  if (!send) return undefined;
  return {
    send: (message) => void send(message),
    onMessage: (hear) => void process.on("message", hear),
    onGone: (leave) => void process.once("disconnect", leave),
  };
}
