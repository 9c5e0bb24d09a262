import { cellsOf, newRowsOf, requestsOf, type TabPlan } from "./plan.ts";
import type { CellWrite, SentRequest } from "./requests.ts";

/** What is sent in one request. */
export interface Batch {
  requests: SentRequest[];
  /** By the number of their tab, to look at afterwards. */
  sent: ReadonlyMap<number, Sent>;
  titles: readonly string[];
  cells: number;
}

export interface Sent {
  writes: readonly CellWrite[];
  /** Rows that were inserted for some of them. */
  inserted: { at: number; count: number };
}

/** Google asks for no more than 2 MB; what is round a cell and its request has to fit too. */
const MAX_BYTES = 2_000_000;
const REQUEST_BYTES = 160;

/**
 * All of it if it fits, or else its beginning: whole rows, tab by tab. A row is as it was or as it
 * should be in every batch, so that what people see between two batches is true, only not all there yet.
 */
export function firstBatch(plans: readonly TabPlan[], maxBytes = MAX_BYTES): Batch {
  const all = partOf(plans);
  if (bytesOf(all.requests) <= maxBytes) return all;
  const taken: TabPlan[] = [];
  let room = maxBytes;
  for (const plan of plans) {
    const setUp = bytesOf(plan.setUp);
    if (taken.length > 0 && setUp > room) break;
    room -= setUp;
    const writes = rowsWithin(plan.writes, room, taken.length === 0);
    taken.push({ ...plan, writes });
    room -= estimate(writes);
    if (writes.length < plan.writes.length) break;
  }
  return partOf(taken);
}

function partOf(plans: readonly TabPlan[]): Batch {
  return {
    requests: plans.flatMap((plan) => requestsOf(plan, plan.writes)),
    sent: new Map(
      plans.map(({ sheetId, writes, added }) => {
        const count = added.areInserted ? newRowsOf(writes) : 0;
        return [sheetId, { writes, inserted: { at: added.start, count } }];
      }),
    ),
    titles: plans.map(({ title }) => title),
    cells: plans.reduce((sum, { writes }) => sum + cellsOf(writes), 0),
  };
}

/** From the top, because the header stands there; one row at least if nothing else is in the batch. */
function rowsWithin(writes: readonly CellWrite[], room: number, isFirst: boolean) {
  const rows = [...Map.groupBy(writes, ({ row }) => row).entries()].sort(([a], [b]) => a - b);
  const taken: CellWrite[] = [];
  let left = room;
  for (const [, row] of rows) {
    left -= estimate(row);
    if (left < 0 && (taken.length > 0 || !isFirst)) break;
    taken.push(...row);
  }
  return taken;
}

const estimate = (writes: readonly CellWrite[]) =>
  writes.reduce((sum, { data }) => sum + bytesOf(data) + 1, 0) +
  new Set(writes.map(({ row }) => row)).size * REQUEST_BYTES;

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
