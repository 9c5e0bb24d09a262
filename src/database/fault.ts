import { Failure, isFailure, messageOf } from "../lib/failure.ts";
import { redactText } from "../lib/redact.ts";
import { explained, isLost, isTlsRefused, outageWords } from "./outage-words.ts";

/**
 * Data exceptions, broken constraints and exceeded limits (a key too long for an index) come from what
 * was to be written; every other database error, an outage above all, is not its fault. The message may
 * quote a value: only the code is for a reason that is kept.
 */
export const isDataFault = (error: unknown): error is Error & { code: string } =>
  /^(22|23|54)[0-9A-Z]{3}$/.test(codeOf(error) ?? "");

/**
 * What the server, the way to it or a lock is to blame for: whatever is asked next fails as well. A
 * deadlock (class 40) does not.
 */
export const isOutage = (error: unknown): boolean => {
  const code = codeOf(error) ?? "";
  if (isTlsRefused(code)) return true;
  return !isDataFault(error) && /^(CONNECT\w+|E(?!RR_)[A-Z_]+|(?!40)[0-9A-Z]{5})$/.test(code);
};

/**
 * Whose fault it is that an item of a queue could not be worked on:
 *
 * - `item`        its own, and it will be the same however often it is tried: a dead letter at once
 * - `unexpected`  nobody foresaw it, and with this item it will likely be the same: a few more tries
 * - `slow`        it did not end in its time, which may be the item's or everybody's fault
 * - `outage`      another system's, or this process is to stop: every other item would fail as well
 */
export type Blame = "item" | "unexpected" | "slow" | "outage";

/** Of PostgreSQL's classes of errors those that say nothing of the item: see its Appendix A. */
const OUTAGE = /^(08|25|26|28|3D|3F|40|42|53|55|57|58|F0|XX)/;
/** A statement that was cancelled for its time. */
export const CANCELLED = "57014";
export const NO_SUCH_TABLE = "42P01";
export const READ_ONLY = "25006";
/** A lock that was waited for in vain. */
export const LOCK_NOT_HAD = "55P03";
const SLOW = [CANCELLED, LOCK_NOT_HAD];
/** It waited for somebody else, and took no longer than others by itself. */
export const isLockNotHad = (error: unknown): boolean => sqlStateOf(error) === LOCK_NOT_HAD;
/** What postgres.js and the system call it when a connection breaks or does not come about. */
const BROKEN = /^(CONNECT\w+|E(?!RR_)[A-Z_]+)$/;

export function blameOf(error: unknown): Blame {
  if (error instanceof Failure) {
    if (error.kind === "malformed") return "item";
    return error.context.timeoutMs === undefined ? "outage" : "slow";
  }
  if (isDataFault(error)) return "item";
  const state = sqlStateOf(error);
  if (state !== undefined) {
    if (SLOW.includes(state)) return "slow";
    return OUTAGE.test(state) ? "outage" : "unexpected";
  }
  if (!(error instanceof Error)) return "unexpected";
  const code = codeOf(error) ?? "";
  const isBroken = BROKEN.test(code) || isTlsRefused(code);
  return error.name === "AbortError" || isBroken ? "outage" : "unexpected";
}

/** What is kept and shown of an error: its class and its code, for its message may quote anything. */
export function causeOf(error: unknown): string {
  if (isFailure(error)) return redactText(error.message);
  const state = sqlStateOf(error);
  if (state !== undefined) return `PostgreSQL: ${explained(state)}${brokenRuleIn(error)}`;
  if (!(error instanceof Error)) return "something that is no error was thrown";
  const lost = codeOf(error);
  if (lost !== undefined && isLost(lost)) return `PostgreSQL: ${explained(lost)}`;
  const name = /^\w{1,60}$/.test(error.name) ? error.name : "Error";
  const code = codeOf(error);
  return code !== undefined && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? `${name} (${code})` : name;
}

/** What `/status` says that a loop fails at: an outage of PostgreSQL in its operator's words, all else in its own. */
export function toldOf(error: unknown): string {
  const code = isFailure(error) ? undefined : codeOf(error);
  return code === undefined || outageWords(code) === undefined
    ? redactText(messageOf(error))
    : `PostgreSQL: ${explained(code)}`;
}

/** The constraint or the column whose rule is broken, where PostgreSQL names one: both are names of our schema. */
function brokenRuleIn(error: unknown): string {
  const rule = nameIn(error, "constraint_name") ?? nameIn(error, "column_name");
  const table = nameIn(error, "table_name");
  return rule === undefined ? "" : ` (${rule}${table === undefined ? "" : ` of ${table}`})`;
}

function nameIn(error: unknown, field: "constraint_name" | "column_name" | "table_name") {
  const name: unknown = error instanceof Error ? Reflect.get(error, field) : undefined;
  return typeof name === "string" ? name : undefined;
}

const sqlStateOf = (error: unknown) =>
  error instanceof Error && error.name === "PostgresError" ? codeOf(error) : undefined;

export const codeOf = (error: unknown) =>
  error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
