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

const UNTRUSTED = "its certificate is none that sslrootcert of DATABASE_URL vouches for";
const ANOTHERS = "its certificate is of another host than DATABASE_URL names";
const UNFIT = "its certificate, or one on the way to its CA, is not made for this use";

/** What is wrong with its certificate, by the runtime's names for it. */
const tlsWords: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate, or its CA's, has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet, or this machine's clock is behind",
  CERT_REVOKED: "its certificate was revoked",
  ERR_TLS_CERT_ALTNAME_INVALID: ANOTHERS,
  HOSTNAME_MISMATCH: ANOTHERS,
  TLS_NOT_OFFERED: "it offers no TLS, which the sslmode of DATABASE_URL wants",
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_UNTRUSTED: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  INVALID_CA: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_REJECTED: UNTRUSTED,
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: UNTRUSTED,
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: UNTRUSTED,
  CERT_CHAIN_TOO_LONG: UNFIT,
  ERROR_IN_CERT_NOT_AFTER_FIELD: UNFIT,
  ERROR_IN_CERT_NOT_BEFORE_FIELD: UNFIT,
  INVALID_PURPOSE: UNFIT,
  PATH_LENGTH_EXCEEDED: UNFIT,
  // Whatever else a check finds, as a CA that may vouch for other names only.
  UNSPECIFIED: UNFIT,
};

const OWN_REFUSED = "it refuses the certificate that sslcert of DATABASE_URL names";
const TLS_FAILS = "TLS with it fails: by its version, its ciphers or what is in between";

/** Whether PostgreSQL does not take the certificate that this program shows it. */
export const isOwnRefused = (code: string): boolean =>
  /^ERR_SSL_\w*ALERT_(\w*CERTIFICATE\w*|UNKNOWN_CA)$/.test(code);

/** What is wrong with TLS; the runtime gives whatever ends its handshake a name of its own. */
function tlsWordsOf(code: string): string | undefined {
  if (isOwnRefused(code)) return OWN_REFUSED;
  return code.startsWith("ERR_SSL_") ? TLS_FAILS : tlsWords[code];
}

/** Whether it is there, and no session comes about for the sake of TLS. */
export const isTlsRefused = (code: string): boolean => tlsWordsOf(code) !== undefined;

/** Whether the way to PostgreSQL broke, or nobody is at its end who may be trusted. */
export const isLost = (code: string): boolean =>
  Object.hasOwn(lostWords, code) || isTlsRefused(code);

/** A code, and in parentheses what it means where that is an operator's business. */
export function explained(code: string): string {
  const meaning = outageWords(code);
  return meaning === undefined ? code : `${code} (${meaning})`;
}

/** Undefined where the code says it better than a sentence could. */
export const outageWords = (code: string | undefined): string | undefined =>
  code === undefined ? undefined : (words[code] ?? lostWords[code] ?? tlsWordsOf(code));
