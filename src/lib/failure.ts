/**
 * A failure is sorted by what the caller can do about it:
 *
 * - `unavailable`  the other side may answer later: try again
 * - `refused`      it answered, and will answer the same again: stop and tell someone
 * - `malformed`    what arrived breaks its contract: set it aside, carry on
 * - `missing`      what was asked for is not there
 */
export type FailureKind = "unavailable" | "refused" | "malformed" | "missing";

export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;
  /** Fields for the log line; never secrets, never bodies. */
  readonly context: Record<string, unknown>;

  constructor(
    kind: FailureKind,
    message: string,
    context: Record<string, unknown> = {},
    cause?: unknown,
  ) {
    super(message, { cause });
    this.kind = kind;
    this.context = context;
  }
}

export const isFailure = (error: unknown, kind?: FailureKind): error is Failure =>
  error instanceof Failure && (kind === undefined || error.kind === kind);

/** What a log line or a status page says of an error: its message, never its body. */
export const messageOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).replace(RUNTIME_ADVICE, "");

/** Bun tells whoever wrote the program how to learn more, behind what happened. */
const RUNTIME_ADVICE = / For more information, pass `verbose: true`.*$/s;
