import type { EventRow, Pace } from "../../projections/queries/row-types.ts";
import { fieldsOfRow, namedIdsOf } from "../request/list-query.ts";
import type { ReadPaces } from "./row-reads.ts";

/** The parameter that says what an event's pace is compared with. */
export function comparablesOf() {
  return namedIdsOf(
    "What `pace.usual` is compared with; without it the newest ten past events of the account, or of all accounts where it has fewer than three.",
    "68f000000000000000000002",
  );
}

interface WithPacesOptions {
  readPaces: ReadPaces;
  /** Of each row; all of them where it is undefined. */
  fields: readonly string[] | undefined;
  comparables: string[] | undefined;
  asOf: Date | undefined;
  at?: Date | undefined;
}

/** The rows as they are asked for; nobody's pace is worked out to be left out. */
export async function withPaces<Row extends EventRow>(
  rows: readonly Row[],
  { readPaces, fields, comparables, asOf, at }: WithPacesOptions,
): Promise<(Row & { pace: Pace })[]> {
  const isWanted = fields?.includes("pace") ?? true;
  const paces = isWanted ? await readPaces(rows, { comparables, asOf, at }) : undefined;
  return rows.map((row) => {
    // The cast: where it is not wanted it is left out.
    const pace = paces?.get(row.eventId) as Pace;
    return fieldsOfRow({ ...row, pace }, fields);
  });
}
