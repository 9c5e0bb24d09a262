/**
 * Data exceptions, broken constraints and exceeded limits (a key too long for an index) come from what
 * was to be written; every other database error, an outage above all, is not its fault. The message may
 * quote a value: only the code is for a reason that is kept.
 */
export const isDataFault = (error: unknown): error is Error & { code: string } =>
  error instanceof Error &&
  "code" in error &&
  typeof error.code === "string" &&
  /^(22|23|54)[0-9A-Z]{3}$/.test(error.code);
