import { expect, test } from "bun:test";
import { event, idOf, type Scene, scene, steppedClock, type } from "../../../test/support/sheet.ts";

/** A mirror of which it is told which tabs it reads. */
function watched(it: Scene) {
  const google = it.client();
  const reads: string[][] = [];
  /** That of the spreadsheet. */
  const clock = { timezone: "Etc/GMT" };
  const mirror = it.mirrorOnto({
    ...google,
    async read(wanted) {
      reads.push(wanted.map(({ title }) => title));
      return { ...(await google.read(wanted)), ...clock };
    },
  });
  return { mirror, reads, clock };
}

const status = [{ item: "Facts set aside", value: 0, at: null }];

test("whoever is told of a sale reads and writes the tabs that it is in, and of nothing new none", async () => {
  const clock = steppedClock();
  await using it = await scene({ clock });
  it.rows.status = status;
  const { mirror, reads } = watched(it);
  await mirror.sync("changed");
  expect(reads.splice(0)).toEqual([["Events", "Ticket Types", "Status"]]);
  expect(await mirror.sync("changed")).toEqual({ cells: 0, requests: 0 });
  expect(reads.splice(0)).toEqual([]);

  it.rows.events = [event({ totalSold: 101 })];
  clock.pass(60_000);
  // The number, and on the Status tab when that was.
  expect((await mirror.sync("changed")).cells).toBe(2);
  expect(reads.splice(0)).toEqual([["Events", "Status"]]);
  expect(await it.show("Events!H2")).toEqual([["101"]]);
  expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("what people did in a tab that nothing changed in is put right by the next look at all of them", async () => {
  await using it = await scene({ clock: steppedClock() });
  const { mirror } = watched(it);
  await mirror.sync();
  await it.edit(type(await it.sheetId("Ticket Types"), 1, 8, "typed over"));
  it.rows.events = [event({ totalSold: 101 })];
  await mirror.sync("changed");
  expect(await it.show("Ticket Types!I2")).toEqual([["typed over"]]);
  expect(await mirror.sync()).toEqual({ cells: 1, requests: 1 });
  expect(await it.show("Ticket Types!I2")).toEqual([["100"]]);
});

test("after a failure, and where the spreadsheet got another clock, all tabs are looked at", async () => {
  await using it = await scene({ clock: steppedClock() });
  const { mirror, reads, clock } = watched(it);
  await mirror.sync();
  reads.splice(0);
  it.rows.events = [event({ totalSold: 101 })];
  it.played.faults.set({ failAfter: { status: 500, next: 1 } });
  await expect(mirror.sync("changed")).rejects.toMatchObject({ kind: "unavailable" });
  it.played.faults.clear();
  await mirror.sync("changed");
  expect(reads.splice(0)).toEqual([["Events"], ["Events", "Ticket Types"]]);

  clock.timezone = "Europe/Oslo";
  it.rows.events = [event({ totalSold: 102 })];
  await mirror.sync("changed");
  expect(reads).toEqual([["Events"], ["Events", "Ticket Types"]]);
  expect(await it.show("Events!K2")).toEqual([["2026-03-01 09:00"]]);
  expect(await it.show("'Ticket Types'!K2")).toEqual([["2026-03-01 09:00"]]);
});

test("rows that come, go and change their kind are changes too", async () => {
  await using it = await scene({ clock: steppedClock() });
  const { mirror, reads } = watched(it);
  await mirror.sync();
  it.rows.events = [event(), event({ eventId: idOf(1) })];
  await mirror.sync("changed");
  it.rows.events = [event({ status: "CANCELLED" }), event({ eventId: idOf(1) })];
  await mirror.sync("changed");
  it.rows.events = [event({ status: "CANCELLED" })];
  await mirror.sync("changed");
  it.rows.unshown = [idOf(1)];
  await mirror.sync("changed");
  // What is listed nowhere and is there all the same may be of either.
  const both = ["Events", "Ticket Types"];
  expect(reads.splice(1)).toEqual([["Events"], both, ["Events"], both]);
});
