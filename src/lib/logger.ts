import { type Logger, pino } from "pino";
import { redactText, redactValue } from "./redact.ts";

export type { Logger };
export { redactText };

/** One JSON object a line on stdout. `event` names what happened; the other fields say to what. */
export function createLogger(level: string, destination?: { write(line: string): void }): Logger {
  const options = {
    level,
    base: { service: "vivenu-event-monitor" },
    messageKey: "event",
    errorKey: "error",
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: describeError, err: describeError, cause: describeError },
    // The line as it would be written: nothing comes into it by a way that is not looked at.
    hooks: { streamWrite: redactLine },
  };
  return destination ? pino(options, destination) : pino(options);
}

function redactLine(line: string): string {
  try {
    return `${JSON.stringify(redactValue(JSON.parse(line)))}\n`;
  } catch {
    return `${redactText(line.trimEnd())}\n`;
  }
}

/** Message, kind and stack of an error and of what caused it; a library's own fields may hold bodies. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    ...("kind" in error && { kind: error.kind }),
    ...("context" in error && { context: error.context }),
    stack,
    ...(error instanceof AggregateError && { errors: error.errors.map(describeError) }),
    ...(cause !== undefined && { cause: describeError(cause) }),
  };
}
