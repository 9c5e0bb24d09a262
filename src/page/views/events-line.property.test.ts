import { expect, test } from "bun:test";
import { fc, fixed } from "../../../test/support/fast-check.ts";
import { runs } from "../../../test/support/runs.ts";
import { eventRow, lastPage, pace } from "../../../test/support/test-api.ts";
import type { EventRow } from "../../projections/queries/row-types.ts";
import type { Look } from "../look.ts";
import { EventLine, lineOf } from "./events-line.tsx";
import { EventsTable } from "./events-table.tsx";
import type { EventsRead } from "./read-events.ts";

const instant = fc.constantFrom(
  "2026-02-10T23:30:00.000Z",
  "2026-02-12T11:00:00.000Z",
  "2026-02-12T14:00:00.000Z",
);
const count = fc.option(fc.constantFrom(0, 7, 1200));
const percent = fc.constantFrom(0, 58.42, 104);

/** All that a line hangs on: the event, the moment, who looks, and what is known beside the row. */
const parts = {
  eventId: fc.constantFrom("e1", "e2"),
  eventName: fc.constantFrom("HYROX Köln", `<b>"'&`),
  region: fc.constantFrom("DACH", "SOUTH_AFRICA"),
  timezone: fc.constantFrom("Europe/Berlin", "Australia/Adelaide"),
  eventDate: instant,
  salesLaunchDate: fc.option(instant, { freq: 20 }),
  status: fc.constantFrom<EventRow["status"]>("ON_SALE", "ANNOUNCED", "ANNOUNCED", "GROUP"),
  presale: fc.boolean(),
  limited: fc.boolean(),
  totalSold: count,
  totalAvailable: count,
  totalCapacity: count,
  oversoldPlaces: count,
  percentSold: fc.option(percent),
  now: instant,
  asOf: fc.option(instant),
  zone: fc.constantFrom(null, "Europe/Berlin", "America/New_York"),
  last24Hours: fc.option(count),
  hourSoFar: count,
  points: fc.array(fc.record({ at: fc.constantFrom(1, 2, 3), percent }), { maxLength: 3 }),
  soldOut: fc.option(fc.record({ expected: count, low: count, high: count })),
  isReady: fc.option(fc.boolean()),
};
const all = fc.record(parts);
type Parts = typeof all extends fc.Arbitrary<infer One> ? One : never;

const anotherOne = fc.oneof(
  ...Object.entries(parts).map(([name, part]: [string, fc.Arbitrary<unknown>]) =>
    // The cast: the part has the name of its arbitrary.
    part.map((value) => ({ [name]: value }) as Partial<Parts>),
  ),
);

test("a line that is kept is the line as it is made, whatever of it, of the moment or of who looks is another", () => {
  const history = fc.tuple(all, fc.array(anotherOne, { maxLength: 30 }));
  const seen = new Set<string>();
  let again = 0;
  fc.assert(
    fc.property(history, ([first, changes]) => {
      let one = first;
      for (const change of [{}, ...changes]) {
        one = { ...one, ...change };
        const { row, look, read } = shownOf(one);
        const line = lineOf(row, { look, read });
        const fresh = String(EventLine.Fresh(line));
        again += seen.has(fresh) ? 1 : 0;
        seen.add(fresh);
        expect(String(EventLine(line))).toBe(fresh);
        expect(String(EventsTable({ look, read }))).toContain(fresh);
      }
    }),
    { numRuns: 2 + runs(100), examples: [4, 26].map((seed) => [fixed(history, seed)]) },
  );
  expect(again).toBeGreaterThan(10);
});

function shownOf({
  now,
  asOf,
  zone,
  last24Hours,
  hourSoFar,
  points,
  soldOut,
  isReady,
  ...of
}: Parts) {
  const row = eventRow(of);
  const { eventId } = row;
  const found = <Value>(value: unknown) =>
    // The cast: of these a line shows no more than is said here.
    new Map(value === null ? [] : [[eventId, value as Value]]);
  const at = new Date(now);
  const look: Look = {
    ...{ path: "/", query: new URLSearchParams(), now: at, present: at, zone },
    ...{ asOf: asOf === null ? undefined : new Date(asOf), caller: undefined, hasSession: false },
  };
  const read: EventsRead = {
    ...{ groups: undefined, parts: [], isOfPace: false, coming: [] },
    page: { rows: [row], ...lastPage },
    paces: found(last24Hours === null ? null : pace({ last24Hours, hourSoFar })),
    curves: found({ eventId, points }),
    sellOuts: found(
      soldOut && { forecast: { known: true, sellsOut: "perhaps", soldOutAt: soldOut } },
    ),
    launches: found(
      isReady === null ? null : { isReady, problems: [{ problem: "noPrice", ticketTypes: ["t"] }] },
    ),
  };
  return { row, look, read };
}
