import type {
  ChangePlace,
  ChangeRow,
  EventRow,
  EventsWanted,
  LaunchesWanted,
  LaunchPlace,
  LaunchRow,
  Place,
} from "../../projections/queries/row-types.ts";
import type { Reads } from "../reads/reads.ts";

const PAGE = 1_000;
/** Of more changes than these, which no day has had, the oldest are left out. */
const MOST_PAGES = 20;

/** Lists of the API, read to their ends. */
export function wholeLists(reads: Pick<Reads, "lists" | "readChanges" | "readLaunches">) {
  /** From the oldest to the newest. */
  async function changesSince(since: Date): Promise<ChangeRow[]> {
    const found: ChangeRow[] = [];
    let after: ChangePlace | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const { rows, next } = await reads.readChanges({ since, limit: PAGE, after });
      found.push(...rows);
      if (!next) break;
      after = next;
    }
    return found.reverse();
  }

  /** However many there are. */
  async function allEvents(wanted: Omit<EventsWanted, "limit" | "after" | "sort">) {
    const found = new Map<string, EventRow>();
    let after: Place | undefined;
    do {
      const sort = { by: "eventId", isDescending: false } as const;
      const { rows, next } = await reads.lists.events({ ...wanted, sort, limit: PAGE, after });
      for (const row of rows) found.set(row.eventId, row);
      after = next ?? undefined;
    } while (after);
    return [...found.values()];
  }

  async function allLaunches(wanted: Omit<LaunchesWanted, "limit" | "after">) {
    const found: LaunchRow[] = [];
    let after: LaunchPlace | undefined;
    do {
      const { rows, next } = await reads.readLaunches({ ...wanted, limit: PAGE, after });
      found.push(...rows);
      after = next ?? undefined;
    } while (after);
    return found;
  }

  return { changesSince, allEvents, allLaunches };
}
