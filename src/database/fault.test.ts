import { expect, test } from "bun:test";
import { Failure } from "../lib/failure.ts";
import { TookTooLong } from "../lib/time-limit.ts";
import { type Blame, blameOf, causeOf, isDataFault, isOutage, toldOf } from "./fault.ts";

const coded = (code: unknown) => Object.assign(new Error("made up"), { code });

test.each([
  ["57014", "a statement that took too long"],
  ["55P03", "a lock that was not had in time"],
  ["53300", "too many connections"],
  ["08006", "a connection that broke"],
  ["42P01", "a table that is not there"],
  ["CONNECT_TIMEOUT", "a server that does not answer"],
  ["CONNECTION_CLOSED", "a session that ended"],
  ["ECONNREFUSED", "nobody listens"],
  ["EAI_AGAIN", "a name that is not found now"],
  ["CERT_HAS_EXPIRED", "a certificate that has expired"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "a certificate of another CA"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "a CA that is not trusted"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "a certificate of another host"],
  ["CERT_REVOKED", "a certificate that was revoked"],
  ["INVALID_PURPOSE", "a certificate for clients only"],
  ["PATH_LENGTH_EXCEEDED", "a chain that is longer than its CA allows"],
  ["UNSPECIFIED", "a CA that vouches for other names only"],
  ["TLS_NOT_OFFERED", "a server without TLS"],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "a server that refuses our certificate"],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "a server of another version of TLS"],
])("%s (%s) fails whatever is asked next", (code) => {
  expect([isOutage(coded(code)), isDataFault(coded(code))]).toEqual([true, false]);
});

test.each([
  ["22021", "a character that no column holds", true],
  ["23505", "a key that is there already", true],
  ["54000", "a key too long for its index", true],
  ["40P01", "a deadlock", false],
  ["ERR_INVALID_ARG_TYPE", "a defect of ours", false],
  ["UNDEFINED_VALUE", "a defect of ours in a query", false],
  [undefined, "no code", false],
])("%s (%s) says nothing of what is asked next", (code, _what, isData) => {
  expect([isOutage(coded(code)), isDataFault(coded(code))]).toEqual([false, isData]);
});

const byPostgres = (code: string) => Object.assign(coded(code), { name: "PostgresError" });
const refused = (status: number) => new Failure("refused", "Flowcore answered", { status });

const blames: [string, unknown, Blame, string][] = [
  ["a number too large", byPostgres("22003"), "item", "PostgreSQL: 22003"],
  [
    "a broken constraint",
    Object.assign(byPostgres("23514"), {
      ...{ constraint_name: "price_is_a_price", table_name: "ticket_type" },
      detail: "Failing row contains (made up).",
    }),
    "item",
    "PostgreSQL: 23514 (price_is_a_price of ticket_type)",
  ],
  [
    "a column that may not be empty",
    Object.assign(byPostgres("23502"), { column_name: "name", table_name: "event" }),
    "item",
    "PostgreSQL: 23502 (name of event)",
  ],
  ["what breaks its contract", new Failure("malformed", "no start"), "item", "no start"],
  ["a defect of ours", new RangeError("Invalid Date"), "unexpected", "RangeError"],
  ["a defect in a query", coded("UNDEFINED_VALUE"), "unexpected", "Error (UNDEFINED_VALUE)"],
  ["one row met twice", byPostgres("21000"), "unexpected", "PostgreSQL: 21000"],
  ["what a trigger raises", byPostgres("P0001"), "unexpected", "PostgreSQL: P0001"],
  ["no error", "a text", "unexpected", "something that is no error was thrown"],
  ["a hang", new TookTooLong(5_000), "slow", "it took longer than 5000 ms"],
  [
    "a statement given up",
    byPostgres("57014"),
    "slow",
    "PostgreSQL: 57014 (a statement did not end in its time)",
  ],
  ["a lock not had", byPostgres("55P03"), "slow", "PostgreSQL: 55P03 (a lock was not had in time)"],
  ["a server that stops", byPostgres("57P01"), "outage", "PostgreSQL: 57P01 (it is stopping)"],
  [
    "a table that is not there",
    byPostgres("42P01"),
    "outage",
    "PostgreSQL: 42P01 (a table is not there: `migrate` makes all of them)",
  ],
  ["a deadlock", byPostgres("40P01"), "outage", "PostgreSQL: 40P01"],
  [
    "a session that ended",
    coded("CONNECTION_CLOSED"),
    "outage",
    "PostgreSQL: CONNECTION_CLOSED (the connection was closed)",
  ],
  [
    "a session that fell silent",
    coded("CONNECTION_SILENT"),
    "outage",
    "PostgreSQL: CONNECTION_SILENT (it did not answer in its time)",
  ],
  [
    "a name not found now",
    coded("EAI_AGAIN"),
    "outage",
    "PostgreSQL: EAI_AGAIN (it cannot be reached at DATABASE_URL)",
  ],
  [
    "a certificate that has expired",
    coded("CERT_HAS_EXPIRED"),
    "outage",
    "PostgreSQL: CERT_HAS_EXPIRED (its certificate, or its CA's, has expired)",
  ],
  [
    "a certificate of ours that has expired",
    coded("ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED"),
    "outage",
    "PostgreSQL: ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED (it refuses the certificate that sslcert of DATABASE_URL names)",
  ],
  [
    "another version of TLS",
    coded("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"),
    "outage",
    "PostgreSQL: ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION (TLS with it fails: by its version, its ciphers or what is in between)",
  ],
  ["a refused key", refused(401), "outage", "Flowcore answered"],
  ["a stop", new DOMException("aborted", "AbortError"), "outage", "AbortError"],
];
test.each(blames)("%s is blamed on whom it is, and said by its class", (_, error, blame, cause) => {
  expect([blameOf(error), causeOf(error)]).toEqual([blame, cause]);
});

test.each<[string, unknown, string]>([
  [
    "a network that swallows what is sent",
    Object.assign(new Error("write CONNECT_TIMEOUT 10.0.0.1:5432"), { code: "CONNECT_TIMEOUT" }),
    "PostgreSQL: CONNECT_TIMEOUT (it cannot be reached at DATABASE_URL)",
  ],
  ["a server that stops", byPostgres("57P01"), "PostgreSQL: 57P01 (it is stopping)"],
  ["a failure with words of its own", refused(401), "Flowcore answered"],
  ["what nobody foresaw", new TypeError("x is undefined"), "x is undefined"],
])("/status says of %s what its operator has to know", (_, error, told) => {
  expect(toldOf(error)).toBe(told);
});
