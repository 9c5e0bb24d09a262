import type { Sql, TransactionSql } from "postgres";
import { createAccounts, SELLERS } from "../accounts.ts";
import { insertEvent } from "../events.ts";
import { createTables, createTicketIndexes } from "../schema.ts";
import { insertTickets } from "../ticket-rows.ts";
import { EVENTS, OTHER_EVENTS, SMALL_EVENTS } from "./events.ts";
import { madeUpEvent } from "./made-up.ts";
import { otherEvent } from "./other.ts";
import { realEvents } from "./real.ts";
import type { EventSpec, Moment, PlannedEvent } from "./spec.ts";

/**
 * `full` is forty events as they are; `thin` is the same, with a tenth of the places and tickets where they
 * are made up; `small` is a handful of events with a few tickets each.
 */
export type SeasonKind = "full" | "thin" | "small";

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
    ...EVENTS.map((spec) => madeUpEvent(kind === "thin" ? thinned(spec) : spec, moment)),
    ...OTHER_EVENTS.map((spec) => otherEvent(spec, moment)),
  ];
}

const thinned = (spec: EventSpec): EventSpec => ({
  ...spec,
  places: Math.ceil(spec.places * THIN),
  ...(spec.massImport && { massImport: Math.ceil(spec.massImport * THIN) }),
});
