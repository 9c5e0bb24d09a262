import { type Logger, pino } from "pino";

export type { Logger };

const SECRETS = ["authorization", "apiKey", "secret", "hmacKey", "privateKey", "password", "token"];

/** Keys of Vivenu and Flowcore, bearer tokens, private keys and e-mail addresses inside any text. */
const SECRET_TEXT =
  /key_[0-9a-f]{16,}|fc_[A-Za-z0-9]+_[A-Za-z0-9]+|Bearer\s+\S+|ApiKey\s+\S+|-----BEGIN[^-]*PRIVATE KEY-----[\s\S]*?(-----END[^-]*-----|$)|postgres(ql)?:\/\/\S+|[\w.+-]+@[\w-]+\.[\w.]+/g;

export const redactText = (text: string) => text.replace(SECRET_TEXT, "[secret]");

/** One JSON object a line on stdout. `event` names what happened; the other fields say to what. */
export function createLogger(level: string, destination?: { write(line: string): void }): Logger {
  const options = {
    level,
    base: { service: "vivenu-event-monitor" },
    messageKey: "event",
    errorKey: "error",
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: describeError },
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: "[secret]" },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Message, kind and stack of an error and of what caused it; a library's own fields may hold bodies. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return redactText(String(error));
  const { name, message, stack, cause } = error;
  return {
    name,
    message: redactText(message),
    ...("kind" in error && { kind: error.kind }),
    ...("context" in error && { context: error.context }),
    stack: redactText(stack ?? ""),
    ...(cause !== undefined && { cause: describeError(cause) }),
  };
}
