import { expect, test } from "bun:test";
import type { SheetsFaultSettings } from "../../../sandbox/sheets/faults.ts";
import { event, idOf, type Scene, scene, ticketType, type } from "../../../test/support/sheet.ts";
import type { Look } from "./mirror.ts";

const season = (sold: number) => ({
  events: [0, 1, 2].map((number) =>
    event({ eventId: idOf(number), totalSold: sold, totalAvailable: 300 - sold }),
  ),
  ticketTypes: [0, 1, 2].map((number) =>
    ticketType({
      eventId: idOf(number),
      ticketTypeId: idOf(100 + number),
      sold,
      available: 300 - sold,
    }),
  ),
});

/** Both tabs, as rows of sold and available; undefined where a tab is not there. */
async function shownIn({ show }: Scene) {
  const columns = async (range: string) =>
    (await show(range, "UNFORMATTED_VALUE").catch(() => [])).map((row) => row.join());
  return JSON.stringify([await columns("Events!H2:I"), await columns("'Ticket Types'!I2:J")]);
}

const stateOf = (sold: number) => {
  const row = `${sold},${300 - sold}`;
  return JSON.stringify([Array(3).fill(row), Array(3).fill(row)]);
};
/** Names of fields are texts to TypeScript, whatever the object. */
const typed = (looks: Record<Look, number>) => Object.entries(looks) as [Look, number][];

const NOTHING = JSON.stringify([[], []]);

const on = ["token", "read", "write"] as const;
const before = [429, 500, 503, "timeout", "reset"] as const;
const after = [500, 503, "timeout", "reset"] as const;
const quick = { holdMs: 5 };

const faults: [string, SheetsFaultSettings][] = [
  ...on.flatMap((place) =>
    before.flatMap((status) =>
      [0, 1].map((skip): [string, SheetsFaultSettings] => [
        `${place} number ${skip + 1}: ${status} before`,
        { failBefore: { on: place, status, skip, next: 1, ...quick } },
      ]),
    ),
  ),
  ...after.map((status): [string, SheetsFaultSettings] => [
    `write: ${status} after it took effect`,
    { failAfter: { status, next: 1, ...quick } },
  ]),
];

test("a failure at any call leaves the sheet as it was or as it should be, and the next run converges", async () => {
  await using it = await scene();
  await it.edit(type(0, 0, 0, "mine"));
  const seen = new Set<string>();
  for (const [index, [name, settings]] of faults.entries()) {
    for (const title of ["Events", "Ticket Types"]) {
      const sheetId = await it.sheetId(title).catch(() => undefined);
      if (sheetId !== undefined) await it.edit({ deleteSheet: { sheetId } });
    }
    const client = it.client({ timeoutMs: 10_000 });
    const mirror = it.mirrorOnto(client);
    let state = NOTHING;
    const looks = { all: 100 + index, changed: 200 + index };
    for (const [look, sold] of typed(looks)) {
      Object.assign(it.rows, season(sold));
      it.played.faults.set(settings);
      const outcome = await mirror.sync(look).then(
        () => "went through",
        (error) => error.kind,
      );
      it.played.faults.clear();
      seen.add(outcome);
      const between = await shownIn(it);
      expect([name, [state, stateOf(sold)].includes(between)]).toEqual([name, true]);
      await mirror.sync();
      state = stateOf(sold);
      expect([name, await shownIn(it)]).toEqual([name, state]);
      expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
    }
  }
  expect([...seen].sort()).toEqual(["unavailable", "went through"]);
});

test("a write that is carried out long after it was given up does no harm", async () => {
  await using it = await scene();
  Object.assign(it.rows, season(1));
  const mirror = it.mirrorOnto(it.client({ timeoutMs: 1_000 }));
  await it.mirror.sync();
  Object.assign(it.rows, season(2));
  it.played.faults.set({ lateWrite: { ms: 6_000, next: 1 } });
  await expect(mirror.sync()).rejects.toMatchObject({ kind: "unavailable" });
  Object.assign(it.rows, season(3));
  const patient = it.mirrorOnto(it.client());
  await patient.sync();
  expect(await shownIn(it)).toBe(stateOf(3));
  while ((await shownIn(it)) !== stateOf(2)) await Bun.sleep(20);
  await patient.sync();
  expect(await shownIn(it)).toBe(stateOf(3));
});
