import { CommanderError } from "commander";
import { UnusableEnvironment } from "../../config/faults.ts";
import { LENT, LENT_MEND } from "../../database/lent-sessions.ts";
import { explained, isLost, isTlsRefused } from "../../database/outage-words.ts";
import { isFailure, messageOf } from "../../lib/failure.ts";
import { redactText } from "../../lib/logger.ts";

/**
 * How a command ends, for whoever started it:
 *
 * - `well`           all was done, and all is as it should be
 * - `unfinished`     something could not be done or is not as it should be; trying again may help
 * - `usage`          it was called in a wrong way
 * - `configuration`  a setting is unusable or a key is refused; trying again is useless (`EX_CONFIG`)
 */
export const exitCodes = { well: 0, unfinished: 1, usage: 2, configuration: 78 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What a command has to say: to a program, to a person, and to whoever waits for its end. */
export interface Outcome {
  value: unknown;
  text: string;
  code?: ExitCode;
}

/** It was called in a way that makes no sense. */
export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}

export interface Fault {
  code: ExitCode;
  kind: string;
  message: string;
  /** One by one, where there are several. */
  faults?: string[];
}

/** PostgreSQL's words for a wrong user, a wrong password and a database that is not there. */
const REFUSED_BY_POSTGRES = ["28000", "28P01", "3D000"];

/** A prepared statement that is another session's: what prepared it and what asks for it are lent different ones. */
const LENT_BY_POOLER = ["26000", "42P05"];

/** What stopped a command, in words that hold no secret. */
export function faultOf(error: unknown): Fault {
  const message = redactText(messageOf(error));
  const { configuration, unfinished, usage } = exitCodes;
  if (error instanceof UnusableEnvironment) {
    const faults = error.faults.map(redactText);
    return { code: configuration, kind: "configuration", message, faults };
  }
  if (error instanceof WrongUsage) return { code: usage, kind: "usage", message };
  if (error instanceof CommanderError) return { code: usage, kind: "usage", message: said(error) };
  if (isFailure(error, "refused")) return { code: configuration, kind: error.kind, message };
  if (isFailure(error)) return { code: unfinished, kind: error.kind, message };
  if (error instanceof Error && error.name === "AbortError") return stopped;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (isTlsRefused(code)) return { ...unavailable, message: `PostgreSQL: ${explained(code)}` };
  if (isLost(code))
    return { ...unavailable, message: `PostgreSQL does not answer at DATABASE_URL (${code})` };
  if (LENT_BY_POOLER.includes(code))
    return {
      code: configuration,
      kind: "refused",
      message: `DATABASE_URL: ${LENT} -> ${LENT_MEND}`,
    };
  if (REFUSED_BY_POSTGRES.includes(code))
    return { code: configuration, kind: "refused", message: `DATABASE_URL: ${message}` };
  return { code: unfinished, kind: "fault", message };
}

const unavailable = { code: exitCodes.unfinished, kind: "unavailable" } as const;

const stopped: Fault = {
  code: exitCodes.unfinished,
  kind: "stopped",
  message: "it was stopped before all was done; what was done stays: start it again for the rest",
};

/** Commander's own errors begin with a word that the caller adds, or only stand for the help. */
const said = ({ code, message }: CommanderError) =>
  code === "commander.help" ? "no command is named" : redactText(message.replace(/^error: /, ""));

interface Streams {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

/** Whole, before the process may end. */
export const write = (stream: NodeJS.WriteStream, text: string) =>
  new Promise<void>((resolve) => void stream.write(`${text}\n`, () => resolve()));

export const writeBytes = (stream: NodeJS.WriteStream, bytes: Uint8Array) =>
  new Promise<void>((resolve) => void stream.write(bytes, () => resolve()));

/** A document on standard output for a program, a sentence on standard error for a person. */
export const tellFault = (fault: Fault, json: boolean, { stdout, stderr }: Streams) =>
  json ? write(stdout, JSON.stringify({ error: fault })) : write(stderr, fault.message);
