export const NO_RIGHT = "the user of DATABASE_URL has no right to write into its tables";

/** What its operator has to mend, by the codes of PostgreSQL's Appendix A; none of it quotes a value. */
const words: Readonly<Record<string, string>> = {
  "25006": "it is read-only: a standby after a failover, or default_transaction_read_only",
  "28000": "it does not let the user of DATABASE_URL in",
  "28P01": "it refuses the user or the password of DATABASE_URL",
  "3D000": "it has no database of the name in DATABASE_URL",
  "42501": NO_RIGHT,
  "42P01": "a table is not there: `migrate` makes all of them",
  "53100": "its disk is full",
  "53200": "it has no memory left",
  "53300": "it has no connection left",
  "55P03": "a lock was not had in time",
  "57014": "a statement did not end in its time",
  "57P01": "it is stopping",
  "57P02": "it crashed and starts anew",
  "57P03": "it is starting or stopping",
};

const UNREACHED = "it cannot be reached at DATABASE_URL";
const CLOSED = "the connection was closed";
const SILENT = "it did not answer in its time";

/** As postgres.js and the system say it. What else is asked over the network fails with words of its own. */
const lostWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: UNREACHED,
  EHOSTUNREACH: UNREACHED,
  ENETUNREACH: UNREACHED,
  ENOTFOUND: UNREACHED,
  EAI_AGAIN: UNREACHED,
  ETIMEDOUT: UNREACHED,
  CONNECT_TIMEOUT: UNREACHED,
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  CONNECTION_CLOSED: CLOSED,
  CONNECTION_ENDED: CLOSED,
  CONNECTION_DESTROYED: CLOSED,
  CONNECTION_SILENT: SILENT,
  CONNECTION_BUSY: SILENT,
};

/** Whether the way to PostgreSQL broke, or nobody is at its end. */
export const isLost = (code: string): boolean => Object.hasOwn(lostWords, code);

/** A code, and in parentheses what it means where that is an operator's business. */
export function explained(code: string): string {
  const meaning = outageWords(code);
  return meaning === undefined ? code : `${code} (${meaning})`;
}

/** Undefined where the code says it better than a sentence could. */
export const outageWords = (code: string | undefined): string | undefined =>
  code === undefined ? undefined : (words[code] ?? lostWords[code]);
