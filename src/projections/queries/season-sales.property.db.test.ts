import { expect, test } from "bun:test";
import { eventUpdated, ticketType } from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { applyKept } from "../../../test/support/given.ts";
import { readFacts } from "../../../test/support/intake.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import { recordCount, typeCountsOf } from "../../intake/counting/record-count.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { countTickets } from "../../rules/count.ts";
import { tablesAsOf } from "./as-of.ts";
import { revisionReader } from "./rows-revision.ts";
import { readSeasonSales } from "./season-sales.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const begin = Date.UTC(2026, 2, 26);
const at = (minutes: number) => begin + minutes * MINUTE_MS;
const iso = (ms: number) => new Date(ms).toISOString();
/** Ten days, over changes of clocks in Europe and Australia. */
const MOST = 10 * 24 * 60;
const minute = fc.integer({ min: 0, max: MOST });
const { countedClasses } = defaultPolicy;
const policy = { policy: defaultPolicy, countedClasses };

const ticket = fc.record({
  created: minute,
  /** How long it is valid; for ever where it is null. */
  lasts: fc.option(fc.integer({ min: 1, max: MOST }), { nil: null }),
  origin: fc.constantFrom(undefined, undefined, "yourticket", "transfer", "rebooking", "upgrade"),
  ticketTypeId: fc.constantFrom("men", "women", "seats"),
  realPrice: fc.constantFrom(0, 99.5, undefined),
});
type Ticket = typeof ticket extends fc.Arbitrary<infer Value> ? Value : never;

const beforeRace = fc.integer({ min: 0, max: MOST / 2 });
const drawn = fc.record({
  timezone: fc.constantFrom(
    ...["Europe/Berlin", "America/New_York", "Australia/Adelaide", "Asia/Kolkata"],
    ...["Australia/Sydney", "Pacific/Chatham", null],
  ),
  tickets: fc.array(ticket, { maxLength: 15 }),
  counts: fc.uniqueArray(minute, { minLength: 1, maxLength: 4 }),
  launch: fc.option(beforeRace, { nil: null }),
  /** Where the launch is moved to, and when. */
  moved: fc.option(fc.record({ when: minute, to: fc.option(beforeRace, { nil: null }) }), {
    nil: null,
  }),
  race: fc.integer({ min: MOST / 2, max: MOST }),
  asOf: fc.option(minute, { nil: null }),
  by: fc.constantFrom("hour", "day", "sinceLaunch", "toRace"),
});

/** A clock of the runtime's, which knows these zones' days of that spring as well as anybody. */
const dayIn = (timezone: string | null) => {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone ?? "UTC" });
  return (ms: number) => format.format(ms);
};
const daysTo = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / (24 * HOUR_MS);
const hourOf = (ms: number) => Math.floor(ms / HOUR_MS) * HOUR_MS;

test("sales are what a slow and obvious implementation makes of the tickets, now and as of any moment", async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async (one) => {
      const { sql } = await reusedDatabase();
      const counts = one.counts.toSorted((a, b) => a - b);
      const isSoldAt = ({ created, lasts }: Ticket, when: number) =>
        created <= when && (lasts === null || created + lasts > when);
      for (const [n, when] of counts.entries()) {
        const tickets = one.tickets.flatMap((each, index) =>
          each.created > when
            ? []
            : {
                ...{ ...each, ticketId: `t${index}`, createdAt: iso(at(each.created)) },
                ...{ hasTrigger: false, addOnNames: [], currency: "EUR" },
                status: isSoldAt(each, when) ? "VALID" : "INVALID",
              },
        );
        const tally = countTickets(tickets, ["men", "women", "seats"]);
        await sql.begin((tx) =>
          recordCount(
            tx,
            "DACH",
            {
              ...{ eventId: "e", countedAt: iso(at(when)), complete: true, currencies: ["EUR"] },
              ...{ ticketsRead: tickets.length, expectedTotal: tickets.length },
              ticketTypes: typeCountsOf(tally),
            },
            { isFull: n % 2 === 0 },
          ),
        );
      }
      const said = (when: number, launch: number | null) =>
        eventUpdated({
          ...{ eventId: "e", updatedAt: iso(at(when)), observedAt: iso(at(when)) },
          sellStart: launch === null ? null : iso(at(launch)),
          ...{ timezone: one.timezone, start: iso(at(one.race)), end: iso(at(one.race + 600)) },
          ticketTypes: [
            ticketType({ amount: 7 }),
            ticketType({ ticketTypeId: "women", name: "HYROX WOMEN | Saturday", amount: 9 }),
            ticketType({ ticketTypeId: "seats", name: "SPECTATOR", amount: 50 }),
          ],
        });
      const facts = (await readFacts(sql)).map(({ eventType, payload }) => ({
        eventType,
        payload,
      }));
      await applyKept(sql, [
        said(-1, one.launch),
        ...(one.moved ? [said(one.moved.when, one.moved.to)] : []),
        // The cast: as they were recorded.
        ...(facts as Parameters<typeof applyKept>[1]),
      ]);
      const now = MOST + 1;
      const then = one.asOf ?? now;
      const asOf = one.asOf === null ? undefined : new Date(at(one.asOf));
      const instantOf = tablesAsOf(sql, { ...policy, readRevision: revisionReader(sql) });
      const { rows, leftOut } = await readSeasonSales(
        sql,
        { by: one.by, limit: 10_000, asOf },
        {
          ...{ ...policy, now: asOf ?? new Date(at(now)) },
          ...(asOf && { tables: await (await instantOf(asOf)).tables("events") }),
        },
      );
      const told: object[] = rows.map(
        ({ hour, date, day, newSales, replacements, totalSold, percentSold }) => ({
          ...{ hour, date, day, newSales, replacements, totalSold, percentSold },
        }),
      );
      expect({ rows: told, leftOut: leftOut.map(({ reason }) => `${reason}`) }).toEqual(
        slowSales(one, { counts, then, isSoldAt }),
      );
    }),
    { numRuns: runs(12) },
  );
});

interface Known {
  counts: readonly number[];
  then: number;
  isSoldAt: (ticket: Ticket, when: number) => boolean;
}

/** Ticket by ticket and day by day, from what `docs/numbers.md` and the API's document say. */
function slowSales(
  one: typeof drawn extends fc.Arbitrary<infer Value> ? Value : never,
  { counts, then, isSoldAt }: Known,
): { rows: object[]; leftOut: string[] } {
  const dayOf = dayIn(one.timezone);
  const inTotals = one.tickets.filter(({ ticketTypeId }) => ticketTypeId !== "seats");
  const countThen = counts.findLast((when) => when <= then);
  const lastCount = counts.at(-1);
  if (lastCount === undefined) return { rows: [], leftOut: ["notCounted"] };
  const launchMinute = one.moved && one.moved.when <= then ? one.moved.to : one.launch;
  const launch = launchMinute === null ? null : hourOf(at(launchMinute));
  if (one.by === "sinceLaunch" && launch === null) return { rows: [], leftOut: ["noLaunchDate"] };
  const isNew = ({ origin }: Ticket) =>
    !["transfer", "rebooking", "upgrade"].includes(origin ?? "");
  const isLater = (each: Ticket) =>
    isNew(each) && hourOf(at(each.created)) + HOUR_MS > at(then) && isSoldAt(each, lastCount);
  // Before the first count it is what is sold now without what was created later.
  const sold =
    inTotals.filter((each) => isSoldAt(each, countThen ?? lastCount)).length -
    (countThen === undefined ? inTotals.filter(isLater).length : 0);

  // What is sold by all that is known now, hour by hour, and when each number was counted so.
  const hoursKnown = new Map<number, { newSales: number; replacements: number }>();
  for (const kind of [true, false])
    for (const type of ["men", "women"]) {
      const ofKind = inTotals.filter((each) => isNew(each) === kind && each.ticketTypeId === type);
      for (const hour of new Set(ofKind.map(({ created }) => hourOf(at(created))))) {
        const inHour = ofKind.filter(({ created }) => hourOf(at(created)) === hour);
        const numbers = counts.map((when) => inHour.filter((each) => isSoldAt(each, when)).length);
        const number = inHour.filter((each) => isSoldAt(each, lastCount)).length;
        const changedAt = counts.findLast((_, n) => numbers[n] !== (numbers[n - 1] ?? 0));
        const isOver = hour + HOUR_MS <= at(then);
        const isCounted = hour <= at(then) && changedAt !== undefined && changedAt <= then;
        if (number === 0 || !(isOver || isCounted)) continue;
        const known = hoursKnown.get(hour) ?? { newSales: 0, replacements: 0 };
        known[kind ? "newSales" : "replacements"] += number;
        hoursKnown.set(hour, known);
      }
    }

  const hours = [...hoursKnown.keys()].sort((a, b) => a - b);
  const isLaunched = launch !== null && launch <= at(then);
  const firsts = [...hours.slice(0, 1), ...(isLaunched ? [launch] : [])];
  if (firsts.length === 0) return { rows: [], leftOut: ["notOnSaleYet"] };
  const first = Math.min(...firsts);
  const end = Math.min(hourOf(at(then)), hourOf(at(one.race + 600)));
  const last = Math.max(end, ...hours.slice(-1));
  const raceDay = dayOf(at(one.race));
  const numberOf = (hour: number) => Math.floor((hour - (launch ?? 0)) / (24 * HOUR_MS));
  const keyOf = (hour: number) =>
    one.by === "hour"
      ? iso(hour)
      : one.by === "sinceLaunch"
        ? iso((launch ?? 0) + numberOf(hour) * 24 * HOUR_MS)
        : dayOf(hour);
  const keys = new Set<string>(hours.map(keyOf));
  if (one.by !== "hour")
    for (let hour = first; hour <= last; hour += HOUR_MS) keys.add(keyOf(hour));
  const ordered = [...keys].sort();
  const sumOf = (of: "newSales" | "replacements", isWanted: (key: string) => boolean) =>
    hours.reduce(
      (sum, hour) => sum + (isWanted(keyOf(hour)) ? (hoursKnown.get(hour)?.[of] ?? 0) : 0),
      0,
    );
  const rows = ordered.map((key) => {
    const isInstant = key.length > 10;
    const totalSold = Math.max(0, sold - sumOf("newSales", (other) => other > key));
    return {
      hour: isInstant ? key : null,
      date: isInstant ? dayOf(Date.parse(key)) : key,
      day:
        one.by === "sinceLaunch"
          ? numberOf(Date.parse(key))
          : one.by === "toRace"
            ? daysTo(key, raceDay)
            : null,
      newSales: sumOf("newSales", (other) => other === key),
      replacements: sumOf("replacements", (other) => other === key),
      totalSold,
      percentSold: Math.round((totalSold * 10_000) / 16) / 100,
    };
  });
  return { rows, leftOut: [] };
}
