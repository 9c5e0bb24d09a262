import type { Sql, TransactionSql } from "postgres";
import { seeded } from "../../random.ts";
import { createAccounts, SELLERS } from "../accounts.ts";
import { insertEvent } from "../events.ts";
import { createTables, createTicketIndexes } from "../schema.ts";
import { insertTickets } from "../ticket-rows.ts";
import { EVENTS, OTHER_EVENTS, SMALL_EVENTS } from "./events.ts";
import { madeUpEvent, seedOf } from "./made-up.ts";
import { otherEvent } from "./other.ts";
import { drawnDemand, pastEvents } from "./past.ts";
import { realEvents } from "./real.ts";
import type { EventSpec, Moment, PlannedEvent } from "./spec.ts";

/**
 * `years` is forty events that sell as real ones do, and those of the years before them, for whoever compares
 * and forecasts; `full` is forty events as they are; `thin` is the same, with a tenth of the places and tickets where they
 * are made up; `small` is a handful of events with a few tickets each.
 */
export type SeasonKind = "years" | "full" | "thin" | "small";

export interface SeasonOptions extends Moment {
  kind: SeasonKind;
}

const THIN = 0.1;

/** The one transaction in which a database gets its season; one that has it is left as it is. */
export async function makeSeason(sql: Sql, options: SeasonOptions) {
  const made = await sql.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(hashtext('vivenu.season'))`;
    const [found] = await transaction<{ name: string | null }[]>`
      select to_regclass('vivenu.season')::text as name
    `;
    if (found?.name) return undefined;
    await createTables(transaction);
    return fill(transaction, options);
  });
  // A page's total is read from the index alone only where the pages are known to be visible.
  if (made) await sql`vacuum analyze vivenu.ticket`;
  return made;
}

async function fill(sql: TransactionSql, options: SeasonOptions) {
  const events = planSeason(options);
  const regions = new Set(events.map(({ region }) => region));
  await createAccounts(
    sql,
    SELLERS.filter(({ region }) => regions.has(region)),
  );
  let tickets = 0;
  for (const event of events) {
    await insertEvent(sql, { ...event, id: event.document._id });
    await insertTickets(sql, event.tickets);
    tickets += event.tickets.length;
  }
  await createTicketIndexes(sql);
  await sql`
    insert into vivenu.season (kind, seed, made_at)
    values (${options.kind}, ${options.seed}, ${options.now})
  `;
  return { events: events.length, tickets };
}

function planSeason({ kind, seed, now }: SeasonOptions): PlannedEvent[] {
  const moment = { seed, now };
  if (kind === "small") {
    return [
      ...SMALL_EVENTS.map((spec) => madeUpEvent(spec, moment)),
      ...OTHER_EVENTS.slice(0, 1).map((spec) => otherEvent(spec, moment)),
    ];
  }
  return [
    ...realEvents(moment),
    ...specsOf(kind, moment).map((spec) => madeUpEvent(spec, moment)),
    ...OTHER_EVENTS.map((spec) => otherEvent(spec, moment)),
  ];
}

/** What is made up of a season. */
export function specsOf(kind: SeasonKind, moment: Moment): EventSpec[] {
  if (kind === "thin") return EVENTS.map(thinned);
  if (kind === "full") return [...EVENTS];
  return [...EVENTS.map((spec) => wanted(spec, moment)), ...pastEvents(moment)];
}

/**
 * What is on sale is sold as far as past events were by then, of fewer places: as many tickets as before.
 * What is told to be nearly or wholly sold out stays so.
 */
function wanted(spec: EventSpec, { seed }: Moment): EventSpec {
  const { key, filled, sellsInMinutes = 0, startsInDays, places } = spec;
  if (filled > 0.5 || sellsInMinutes >= 0 || startsInDays <= 0) return spec;
  const demand = drawnDemand(seeded(seedOf(seed, `demand for ${key}`)));
  return { ...spec, places: Math.round(places * FEWER), demand };
}

const FEWER = 0.5;

const thinned = (spec: EventSpec): EventSpec => ({
  ...spec,
  places: Math.ceil(spec.places * THIN),
  ...(spec.massImport && { massImport: Math.ceil(spec.massImport * THIN) }),
});
