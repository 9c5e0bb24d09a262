import type { Pool, Sql } from "../../database/connect.ts";
import { agoMs, type Clock } from "../../lib/clock.ts";
import { Failure, isFailure, messageOf } from "../../lib/failure.ts";
import { backoffMs } from "../../lib/loop.ts";
import type { Outgoing, Sender } from "../channels/outgoing.ts";
import type { QuietHours } from "../settings.ts";
import {
  GIVE_UP_MS,
  hasten,
  isWaiting,
  noteFailed,
  noteSent,
  readDue,
  readProbe,
  type ToldNow,
  type WaitingNotice,
} from "./outbox.ts";
import { toldDespite } from "./wall-time.ts";

const AT_A_TIME = 20;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;
/**
 * Of the channel, whatever is due: doubles. It is asked so often by one of the messages that it did not take, while
 * the others wait for their turn: that it takes messages again is told within a minute.
 */
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 30_000;
const TOO_LATE = "it could not be told for a day";

export interface RelayOptions {
  sql: Pool;
  clock: Clock;
  signal: AbortSignal;
  /** Fails where another process has the lease by now. */
  check: (tx: Sql) => Promise<void>;
  channel: string;
  quiet: QuietHours | undefined;
  sender: Sender;
  outgoingOf: (waiting: WaitingNotice) => Outgoing;
  /** For the log and for /status: without what an address may be in. */
  redact: (text: string) => string;
  onOutcome: (outcome: "sent" | "failed" | "refused", channel: string) => void;
  /** Told why the channel takes nothing, and by undefined that it does again. */
  onFailing: (reason: string | undefined) => void;
}

/**
 * Tells one channel what it is to be told; each has a relay of its own, so that none waits for another.
 * A crash between the receiver's answer and our note of it sends the message again, under the same id.
 */
export function noticeRelay(options: RelayOptions) {
  const { sql, clock, signal, check, channel, quiet, sender, outgoingOf, redact } = options;
  const { onOutcome, onFailing } = options;
  let failures = 0;
  let rest = { since: 0, ms: 0 };
  /** Whoever begins does not know whether the channel takes messages, and asks at once. */
  let triedAt: number | undefined;

  return async (progress: () => void = () => {}): Promise<"more" | "idle"> => {
    const now = clock.now();
    if (agoMs(rest.since, now.getTime()) < rest.ms) return "idle";
    const despite = toldDespite(now, quiet);
    const due = await readDueOrProbe({ channel, now, despite });
    for (const waiting of due) {
      if (signal.aborted) return "idle";
      // The others would fail as well.
      if ((await tell(waiting)) === "failing") return "idle";
      progress();
    }
    if (due.length === 0 && failures > 0 && !(await isWaiting(sql, channel))) works();
    return due.length > 0 ? "more" : "idle";
  };

  async function readDueOrProbe(told: ToldNow) {
    const due = await readDue(sql, { ...told, limit: AT_A_TIME });
    if (due.length > 0 || !isProbeDue(told.now)) return due;
    const probe = await readProbe(sql, told);
    return probe ? [probe] : [];
  }

  function isProbeDue(now: Date) {
    if (triedAt === undefined) return true;
    return failures > 0 && agoMs(triedAt, now.getTime()) >= LONGEST_REST_MS;
  }

  async function tell(waiting: WaitingNotice): Promise<"told" | "failing"> {
    if (isOver(waiting, clock.now())) {
      const reason = waiting.reason ?? TOO_LATE;
      await noteFailure(waiting, { reason, now: clock.now(), dueAt: null });
      return "told";
    }
    triedAt = clock.now().getTime();
    const failure = await send(waiting).then(
      () => undefined,
      (error: unknown) => error ?? new Failure("unavailable", "it failed without a reason"),
    );
    const now = clock.now();
    // What was told is noted also by who is about to end: else the next one tells it once more.
    if (failure === undefined) {
      await sql.begin(async (tx) => {
        await check(tx);
        await noteSent(tx, waiting, now);
        // Not at once: one that is never taken would be sent again with each that is.
        await hasten(tx, channel, new Date(now.getTime() + FIRST_PAUSE_MS));
      });
      onOutcome("sent", channel);
      works();
      return "told";
    }
    if (signal.aborted) return "failing";
    const reason = redact(messageOf(failure));
    const dueAt = nextTry(waiting, failure, now);
    await noteFailure(waiting, { reason, now, dueAt });
    if (isFailure(failure, "malformed")) return "told";
    failures += 1;
    // What it asks for is meant of all messages.
    const ownMs = Math.min(backoffMs(failures, FIRST_REST_MS), LONGEST_REST_MS);
    const restMs = Math.max(askedMs(failure), ownMs);
    rest = { since: now.getTime(), ms: restMs };
    onFailing(reason);
    return "failing";
  }

  async function send(waiting: WaitingNotice) {
    await sender.send(worded(waiting), signal);
  }

  /** For what a newer program kept this one may have no words: it is given up, and holds up no other. */
  function worded(waiting: WaitingNotice): Outgoing {
    try {
      return outgoingOf(waiting);
    } catch (error) {
      const { name } = error instanceof Error ? error : { name: "no error" };
      const reason = `this program cannot put it into words: ${name}`;
      throw new Failure("malformed", reason, {}, error);
    }
  }

  async function noteFailure(waiting: WaitingNotice, failed: Parameters<typeof noteFailed>[2]) {
    await sql.begin(async (tx) => {
      await check(tx);
      await noteFailed(tx, waiting, failed);
    });
    onOutcome(failed.dueAt === null ? "refused" : "failed", channel);
  }

  /** Whatever failed has ended, or nobody waits for it any more. */
  function works() {
    failures = 0;
    rest = { since: 0, ms: 0 };
    onFailing(undefined);
  }
}

/**
 * The channel took nothing for a day, the service was off, or what came before it was not taken: it would be told
 * as news and is none.
 */
const isOver = ({ wantedAt }: WaitingNotice, now: Date) =>
  now.getTime() - wantedAt.getTime() >= GIVE_UP_MS;

/** Null where it is given up. */
function nextTry(waiting: WaitingNotice, failure: unknown, now: Date): Date | null {
  if (isFailure(failure, "malformed")) return null;
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(waiting.attempts, 10), LONGEST_PAUSE_MS);
  return new Date(now.getTime() + Math.max(askedMs(failure), pauseMs));
}

/** How long the receiver asked to be left alone. */
const askedMs = (failure: unknown) =>
  isFailure(failure) ? Number(failure.context.waitMs ?? 0) : 0;
