import { expect, test } from "bun:test";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { UnusableEnvironment } from "../../config/faults.ts";
import { refuseOtherOrigin } from "./refuse-other-origin.ts";

const PLAYED = "http://127.0.0.1:18801";
const settings = (vivenu: string, flowcore?: string) =>
  // The cast: only addresses are looked at.
  ({ vivenu: { baseUrl: vivenu }, flowcore: { baseUrl: flowcore } }) as Parameters<
    typeof refuseOtherOrigin
  >[1];
const played = settings(PLAYED, "http://localhost:18802");
const real = settings("https://vivenu.com");

test("a database that was filled from a played season takes nothing real, and none of a real one takes what is played", async () => {
  for (const [first, then, named] of [
    [played, real, "a played Vivenu, and now it would be a real one"],
    [real, played, "a real Flowcore, and now it would be a played one"],
    [played, settings(PLAYED), "a played Flowcore, and now it would be a real one"],
  ] as const) {
    const { sql } = await reusedDatabase();
    await refuseOtherOrigin(sql, first);
    await refuseOtherOrigin(sql, first);
    const refused: unknown = await refuseOtherOrigin(sql, then).catch((error) => error);
    expect(refused).toBeInstanceOf(UnusableEnvironment);
    expect(String(Object(refused).message)).toContain(named);
    // Ports differ from start to start, and staging is as real as production.
    await refuseOtherOrigin(sql, first);
  }
});

test("who says that it is wanted may mix them, and then it counts as filled from these", async () => {
  const { sql } = await reusedDatabase();
  await refuseOtherOrigin(sql, played);
  await refuseOtherOrigin(sql, real, { isWanted: true });
  await refuseOtherOrigin(sql, real);
  expect(refuseOtherOrigin(sql, played)).rejects.toThrow("real Vivenu");
});
