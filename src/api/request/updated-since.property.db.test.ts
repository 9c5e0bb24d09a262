import { expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { freshDatabase } from "../../../test/support/database.ts";
import {
  eventDeleted,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { applyKept, projections } from "../../../test/support/given.ts";
import { memoryDatacore } from "../../../test/support/memory-datacore.ts";
import { runs } from "../../../test/support/runs.ts";
import { testApi } from "../../../test/support/test-api.ts";
import type { NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { systemClock } from "../../lib/clock.ts";
import { defaultPasses } from "../../projections/consumer/passes.ts";
import { readEventPage, readTicketTypePage } from "../../projections/queries/lists.ts";
import { replay } from "../../projections/rebuild/replay.ts";
import { namedSet, withSets } from "../../projections/tables/named-sets.ts";
import { defaultPolicy } from "../../rules/capacity.ts";

const policy = { policy: defaultPolicy };
const day = (n: number) => `2026-02-${String(n).padStart(2, "0")}T10:00:00.000Z`;
const DAY_MS = 86_400_000;

const few = fc.integer({ min: 0, max: 9 });
const moment = fc.integer({ min: 1, max: 20 }).map(day);
const description = fc.record({
  ...{ name: fc.constantFrom("HYROX Berlin", "HYROX Paris"), updatedAt: moment },
  ...{ account: fc.constantFrom("DACH", "FRANCE"), sellStart: fc.option(moment), sellEnd: moment },
  start: fc.constantFrom(day(22), day(24)),
  eventType: fc.constantFrom("SINGLE", "SINGLE", "SINGLE", "GROUP"),
  ticketTypes: fc
    .subarray(["t1", "t2", "t3"], { minLength: 1 })
    .chain((ids) =>
      fc.tuple(
        ...ids.map((ticketTypeId) =>
          fc
            .record({ active: fc.boolean(), amount: fc.constantFrom(5, 9) })
            .map((more) =>
              ticketType({ ticketTypeId, name: `HYROX MEN ${ticketTypeId}`, ...more }),
            ),
        ),
      ),
    ),
});
const eventId = fc.constantFrom("e1", "e2", "e3", "e4", "e5", "e6");
const factOf = (ids: fc.Arbitrary<string>): fc.Arbitrary<NewFact> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(ids, description)
        .map(([id, said]) => eventUpdated({ eventId: id, ...said })),
    },
    { weight: 1, arbitrary: fc.record({ eventId: ids, observedAt: moment }).map(eventDeleted) },
    {
      weight: 5,
      arbitrary: fc
        .record({ eventId: ids, countedAt: moment, sold: few, other: few })
        .map(({ sold, other, ...count }) =>
          salesCounted({
            ...count,
            ticketTypes: [
              typeCount({ ticketTypeId: "t1", sold }),
              typeCount({ ticketTypeId: "t9", sold: other }),
            ],
          }),
        ),
    },
  );

type Step =
  | { kind: "fact"; fact: NewFact }
  | { kind: "begun"; fact: NewFact }
  | { kind: "committed" | "restart" | "replay" }
  | { kind: "clock"; days: number }
  | { kind: "sync"; client: number; during: NewFact | null };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: factOf(eventId).map((fact) => ({ kind: "fact", fact }) as const) },
  // Its own event: nobody waits for it.
  {
    weight: 2,
    arbitrary: factOf(fc.constant("long")).map((fact) => ({ kind: "begun", fact }) as const),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "committed" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" } as const) },
  {
    weight: 2,
    arbitrary: fc.integer({ min: -1, max: 2 }).map((days) => ({ kind: "clock", days }) as const),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("sync" as const),
      client: fc.nat(5),
      during: fc.option(factOf(eventId)),
    }),
  },
);

interface Page {
  events?: Record<string, unknown>[];
  ticketTypes?: Record<string, unknown>[];
  removed?: (string | { eventId: string; ticketTypeId: string })[];
  nextCursor: string | null;
  nextUpdatedSince: string;
}

/** What a dashboard does that never loads a list twice. */
function client(path: string) {
  const held = new Map<string, unknown>();
  let since: string | undefined;
  const keyOf = (one: unknown) => {
    if (typeof one === "string") return one;
    // The cast: what is shown of a row, or of one that is gone, has its ids.
    const { eventId, ticketTypeId = "" } = one as { eventId: string; ticketTypeId?: string };
    return ticketTypeId === "" ? eventId : `${eventId} ${ticketTypeId}`;
  };
  return {
    held,
    async sync(read: (path: string) => Promise<Page>, between: () => Promise<unknown>) {
      const asked = since === undefined ? path : `${path}&updatedSince=${since}`;
      let cursor: string | null = "";
      do {
        const page: Page = await read(cursor === "" ? asked : `${asked}&cursor=${cursor}`);
        for (const gone of page.removed ?? []) held.delete(keyOf(gone));
        for (const row of page.events ?? page.ticketTypes ?? []) held.set(keyOf(row), row);
        if (page.nextCursor === null) since = page.nextUpdatedSince;
        cursor = page.nextCursor;
        await between();
      } while (cursor !== null);
    },
  };
}

const paths = [
  "/api/events?limit=2",
  "/api/events?limit=2&status=ON_SALE,SOLD_OUT&sort=-totalSold",
  "/api/events?limit=3&region=DACH&percentSoldMin=20&current=true",
  "/api/ticket-types?limit=3",
  "/api/ticket-types?limit=4&status=ON_SALE&active=true&sort=availableToBuy",
  "/api/ticket-types?limit=50&q=paris&current=true&sort=-lastUpdated",
];

async function play(sql: Pool, url: string, steps: readonly Step[]) {
  const { logger } = recordingLog();
  let now = new Date(day(10));
  let read = serve();
  let facts: NewFact[] = [];
  let open: { fact: NewFact; commit: () => void; done: Promise<unknown> } | undefined;
  const clients = paths.map(client);

  function serve() {
    const options = () => ({ ...policy, now });
    const api = testApi({
      lists: {
        events: (wanted) => readEventPage(sql, wanted, options()),
        ticketTypes: (wanted) => readTicketTypePage(sql, wanted, options()),
      },
    });
    return (path: string) => api.read<Page>(path);
  }

  async function apply(fact: NewFact) {
    facts.push(fact);
    await applyKept(sql, [fact]);
  }

  /** A list of names is one row for all events: who writes it anew would wait for the open transaction. */
  async function keepNames({ payload }: NewFact) {
    if (!("ticketTypes" in payload)) return;
    const names = payload.ticketTypes.map(({ ticketTypeId }) => ticketTypeId);
    await sql`${withSets(sql, [names, []].map(namedSet))} select`;
  }

  async function commit() {
    if (!open) return;
    facts.push(open.fact);
    open.commit();
    await open.done;
    open = undefined;
  }

  /** The log has lost some: rows change and go with the swap. */
  async function swap() {
    await commit();
    facts = facts.filter(
      ({ payload }, index) =>
        index % 7 !== 3 &&
        !("eventId" in payload && payload.eventId === `e${1 + (facts.length % 6)}`),
    );
    const datacore = memoryDatacore();
    await sql`delete from applied_fact`;
    for (const fact of facts) datacore.file(fact, new Date(Date.now() - 3_600_000));
    const { swapped } = await replay({
      ...{ url, sql, datacore, projections, settings: defaultPasses, clock: systemClock, logger },
      ...{ signal: new AbortController().signal, dryRun: false },
    });
    expect(swapped).toBe(true);
  }

  async function check(index: number) {
    const [one, path] = [clients[index], paths[index]];
    if (!one || !path) throw new Error("there is no such client");
    await one.sync(read, async () => {});
    const fresh = client(path);
    await fresh.sync(read, async () => {});
    expect(new Map([...one.held].sort())).toEqual(new Map([...fresh.held].sort()));
  }

  for (const [index, one] of steps.entries()) {
    if (one.kind === "fact") await apply(one.fact);
    if (one.kind === "begun" && !open) {
      await keepNames(one.fact);
      const [begun, ending] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const done = sql.begin(async (tx) => {
        // However slow the machine is: it is held until a later step commits it.
        await tx`set local idle_in_transaction_session_timeout = 0`;
        await applyKept(tx, [one.fact]);
        begun.resolve();
        await ending.promise;
      });
      done.catch(begun.reject);
      await begun.promise;
      open = { fact: one.fact, commit: ending.resolve, done };
    }
    if (one.kind === "committed") await commit();
    if (one.kind === "restart") read = serve();
    if (one.kind === "clock") now = new Date(now.getTime() + one.days * DAY_MS);
    if (one.kind === "sync") {
      const { during } = one;
      if (during === null) await check(one.client);
      else await clients[one.client]?.sync(read, () => apply(during));
    }
    if (index % 100 === 70) await swap();
  }
  await commit();
  for (const index of paths.keys()) await check(index);
}

/** A quarter of those that the long run has. */
const STEPS = Math.min(500, runs(120));

test("who syncs by updatedSince alone holds the rows of the list, through changes, restarts and swaps", async () => {
  const steps = fc.array(step, { minLength: STEPS, maxLength: STEPS });
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      await using database = await freshDatabase();
      await play(database.sql, database.url, all);
    }),
    {
      ...{ numRuns: 1, endOnFailure: true },
      // Hundreds of steps are no example to read: the seed plays them again.
      reporter({ failed, seed, errorInstance }) {
        if (failed) throw new Error(`seed ${seed}`, { cause: errorInstance });
      },
    },
  );
});
