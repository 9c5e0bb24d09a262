import { expect, test } from "bun:test";
import { fakeClock } from "../../../test/fixtures/vivenu/scripted.ts";
import { readSince, refuseFuture, refuseOtherDatabase, textOfSince } from "./updated-since.ts";

const at = new Date("2026-02-12T11:00:00.000Z");

test("updatedSince is an instant of whatever offset, or what an earlier answer said", () => {
  expect(readSince("2026-02-12T12:00:00+01:00")).toEqual({ at });
  // A plus that nobody escaped arrives as a blank.
  expect(readSince("2026-02-12T12:00:00 01:00")).toEqual({ at });
  const said = textOfSince({ at, database: "16512", position: "48213" });
  expect(said).toBe("2026-02-12T11:00:00.000Z~16512~48213");
  expect(readSince(said)).toEqual({ at, database: "16512", position: "48213" });
});

test.each([
  "yesterday",
  "2026-02-12",
  "2026-02-30T11:00:00.000Z~16512~48213",
  "2026-02-12T11:00:00.000Z~16512",
  // One more than the last that PostgreSQL's 64 bits with a sign hold.
  "2026-02-12T11:00:00.000Z~16512~9223372036854775808",
])("updatedSince cannot be %p", (text) => {
  expect(readSince(text)).toBeUndefined();
});

test("updatedSince may hold the last position that there can be", () => {
  const last = "9223372036854775807";
  expect(readSince(`2026-02-12T11:00:00.000Z~16512~${last}`)?.position).toBe(last);
});

test("an instant may be a minute ahead and no more, and an earlier answer's position of whatever clock", () => {
  const clock = fakeClock(at.toISOString());
  const ahead = (ms: number) => ({ at: new Date(at.getTime() + ms) });
  refuseFuture(undefined, clock);
  refuseFuture(ahead(60_000), clock);
  expect(() => refuseFuture(ahead(60_001), clock)).toThrow("must not be in the future");
  refuseFuture({ ...ahead(3_600_000), database: "16512", position: "48213" }, clock);
});

test("a position is of this database, and none that is yet to come", () => {
  const here = { database: "16512", position: "700" };
  refuseOtherDatabase(undefined, here);
  refuseOtherDatabase({ at }, here);
  // As numbers: 99 is before 700.
  for (const position of ["1", "99", "700"]) refuseOtherDatabase({ at, ...here, position }, here);
  const why = "is of another database";
  expect(() => refuseOtherDatabase({ at, ...here, position: "701" }, here)).toThrow(why);
  expect(() => refuseOtherDatabase({ at, ...here, database: "16513" }, here)).toThrow(why);
});
