import { expect, test } from "bun:test";
import { isDataFault, isOutage } from "./fault.ts";

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
