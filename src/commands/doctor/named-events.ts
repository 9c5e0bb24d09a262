import type { Config } from "../../config/config.ts";
import type { Pool } from "../../database/connect.ts";
import { causeOf } from "../../database/fault.ts";
import { type Finding, ok, unchecked, wrong } from "./finding.ts";

export const NAMED_EVENTS = "events that settings name";
const CHECK = NAMED_EVENTS;

/** A rule, a copy or a key that is for an event that nobody has says nothing for ever, and nobody is told why. */
export async function checkNamedEvents(sql: Pool, config: Config): Promise<Finding[]> {
  try {
    const rows = await sql<{ eventId: string }[]>`select event_id from event`;
    const known = new Set(rows.map(({ eventId }) => eventId));
    if (known.size === 0) return [unchecked(CHECK, "no event was read yet")];
    const found = namedIn(config).flatMap(({ where, ids }) =>
      ids
        .filter((id) => !known.has(id))
        .map((id) =>
          wrong(
            CHECK,
            `${where} names ${JSON.stringify(id)}, which no event is`,
            "take the id from the event's address on the page, or from /api/events",
          ),
        ),
    );
    return found.length > 0 ? found : [ok(CHECK, "each is there")];
  } catch (error) {
    return [unchecked(CHECK, `the rows cannot be read (${causeOf(error)}); see \`database\``)];
  }
}

export const isAnyNamed = (config: Config) => namedIn(config).length > 0;

const namedIn = ({ notify, sheet, http, vivenu }: Config) =>
  [
    ...(notify?.rules ?? []).map(({ events }, n) => ({
      where: `NOTIFICATIONS rules.${n}.events`,
      ids: events ?? [],
    })),
    ...sheet.copies.map(({ eventIds }, n) => ({
      where: `SHEET_COPIES ${n}.eventIds`,
      ids: eventIds ?? [],
    })),
    ...http.named.map(({ name, events }) => ({ where: `API_KEYS ${name}`, ids: events ?? [] })),
    { where: "VIVENU_INCLUDE_EVENTS", ids: vivenu.filter.include },
  ].filter(({ ids }) => ids.length > 0);
