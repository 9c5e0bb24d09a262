/**
 * Quiet hours and the digest's time are by the clock on the wall. Where the clock is put forward, times
 * that it leaves out never are: what should begin or end then does so when it was put forward. Where it is
 * put back, an hour is there twice: it is quiet both times, and a digest comes the first time.
 */
import { wallClock } from "../../lib/zones.ts";
import { isAsGrave, type Severity, severities } from "../../rules/severity.ts";
import type { Notice } from "../notices/notice.ts";
import type { DigestSettings, QuietHours } from "../settings.ts";

const MINUTE_MS = 60_000;
/** A day that the clock is put back in has 25 hours, on Lord Howe half an hour less. */
const LONGEST_MINUTES = 26 * 60;

/** When somebody may be told of it: now, or when it is not quiet any more. */
export function tellAt(
  { severity }: Pick<Notice, "severity">,
  now: Date,
  quiet: QuietHours | undefined,
): Date {
  if (!quiet || (quiet.despite !== null && isAsGrave(severity, quiet.despite))) return now;
  if (!isQuiet(now, quiet)) return now;
  const minute = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS;
  for (let n = 1; n <= LONGEST_MINUTES; n += 1) {
    const at = new Date(minute + n * MINUTE_MS);
    if (!isQuiet(at, quiet)) return at;
  }
  return now;
}

/** What is told now, where it is quiet; undefined where it is not, and everything is. */
export function toldDespite(now: Date, quiet: QuietHours | undefined): Severity[] | undefined {
  if (!quiet || !isQuiet(now, quiet)) return undefined;
  const { despite } = quiet;
  return despite === null ? [] : severities.filter((severity) => isAsGrave(severity, despite));
}

function isQuiet(at: Date, { from, to, zone }: QuietHours) {
  const shown = timeAt(at, zone);
  return from < to ? shown >= from && shown < to : shown >= from || shown < to;
}

/** The day whose digest is to be there by now: today's from its time on, before that none. */
export function digestDay(now: Date, { at, zone }: Pick<DigestSettings, "at" | "zone">) {
  const shown = wallClock(now, zone).toISOString();
  return shown.slice(11, 16) >= at ? shown.slice(0, 10) : undefined;
}

const timeAt = (at: Date, zone: string) => wallClock(at, zone).toISOString().slice(11, 16);
