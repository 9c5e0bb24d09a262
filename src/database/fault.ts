const codeOf = (error: unknown) =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/**
 * Data exceptions, broken constraints and exceeded limits (a key too long for an index) come from what
 * was to be written; every other database error, an outage above all, is not its fault. The message may
 * quote a value: only the code is for a reason that is kept.
 */
export const isDataFault = (error: unknown): error is Error & { code: string } =>
  /^(22|23|54)[0-9A-Z]{3}$/.test(codeOf(error));

/**
 * What the server, the way to it or a lock is to blame for: whatever is asked next fails as well. A
 * deadlock (class 40) does not.
 */
export const isOutage = (error: unknown): boolean =>
  !isDataFault(error) && /^(CONNECT\w+|E(?!RR_)[A-Z_]+|(?!40)[0-9A-Z]{5})$/.test(codeOf(error));
