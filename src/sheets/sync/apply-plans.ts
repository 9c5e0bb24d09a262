import { Failure, isFailure } from "../../lib/failure.ts";
import { type Found, type FoundTab, type Spreadsheet, tabOf } from "../google/spreadsheet.ts";
import type { Tab } from "../layout/layout.ts";
import { withFilled } from "./filled-cells.ts";
import { type Batch, firstBatch, type Sent } from "./partial-batch.ts";
import { planTabs } from "./plan.ts";
import { repairs, withWrites } from "./repair.ts";
import { type CellWrite, updateCells } from "./requests.ts";

export interface ApplyOptions {
  spreadsheet: Spreadsheet;
  tabs: readonly Tab[];
  found: Found;
  maxBytes?: number;
}

export interface Applied {
  cells: number;
  requests: number;
  /** Cells of other people that were written over and put back. */
  putBack: number;
}

/** A sheet that is never as it was written would be written for ever. */
const MOST_ROUNDS = 200;

/** Writes tabs so that they are what they should be. One that is refused, or at which something throws, stops no other. */
export async function applyPlans(options: ApplyOptions): Promise<Applied> {
  const { spreadsheet, tabs } = options;
  try {
    return await applyTogether(options);
  } catch (error) {
    if (!isOfOneTab(error)) throw error;
    if (tabs.length < 2) throw named(error, tabs[0]);
  }
  const sum: Applied = { cells: 0, requests: 0, putBack: 0 };
  const failures: unknown[] = [];
  for (const tab of tabs) {
    try {
      const found = await spreadsheet.read([tab]);
      add(sum, await applyTogether({ ...options, tabs: [tab], found }));
    } catch (error) {
      if (!isOfOneTab(error) && !isFailure(error, "refused")) throw error;
      failures.push(named(error, tab));
    }
  }
  if (failures.length > 0) throw failures[0];
  return sum;
}

/** Google refuses what is asked for, or the program throws at what it finds in the tab. */
const isOfOneTab = (error: unknown) =>
  !isFailure(error) || (error.kind === "refused" && error.context.status === 400);

/** An error that nobody foresaw says neither where it was, nor may its words be repeated. */
function named(error: unknown, tab: Tab | undefined) {
  if (isFailure(error) || !tab) return error;
  const name = error instanceof Error ? error.name : "an error";
  return new Failure("malformed", `the tab ${tab.title} cannot be written: ${name}`, {}, error);
}

/** Batch by batch, each planned from what the one before left, which its answer says. */
async function applyTogether({ spreadsheet, tabs, found, maxBytes }: ApplyOptions) {
  const sum: Applied = { cells: 0, requests: 0, putBack: 0 };
  let there = found;
  let putBack = new Map<number, readonly CellWrite[]>();
  let last = "";
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    there = await withFilled(spreadsheet, planTabs(tabs, there), there);
    const plans = planTabs(tabs, there);
    const batch = withRepairs(firstBatch(plans, maxBytes), putBack);
    const sent = JSON.stringify(batch.requests);
    // What reads differently from how it was written would be written again and again.
    if (batch.requests.length === 0 || sent === last) return sum;
    last = sent;
    const titles = titlesOf(batch, putBack, there);
    const after = await spreadsheet.write(batch.requests, titles);
    add(sum, { cells: batch.cells, requests: batch.requests.length, putBack: 0 });
    if (after.tabs.length < titles.length) return sum;
    ({ there, putBack } = compared({ tabs, before: there, after, batch }));
    for (const cells of putBack.values()) sum.putBack += cells.length;
  }
  return sum;
}

function withRepairs(batch: Batch, putBack: ReadonlyMap<number, readonly CellWrite[]>): Batch {
  const requests = [...putBack].flatMap(([sheetId, writes]) => updateCells(sheetId, writes));
  const sent = new Map(batch.sent);
  for (const [sheetId, cells] of putBack) {
    const { writes, inserted } = sent.get(sheetId) ?? NOTHING;
    sent.set(sheetId, { writes: [...cells, ...writes], inserted });
  }
  return { ...batch, sent, requests: [...requests, ...batch.requests] };
}

const NOTHING: Sent = { writes: [], inserted: { at: 0, count: 0 } };

const titlesOf = (batch: Batch, putBack: ReadonlyMap<number, unknown>, { tabs }: Found) => [
  ...new Set([
    ...batch.titles,
    ...tabs.filter(({ sheetId }) => putBack.has(sheetId)).map(({ title }) => title),
  ]),
];

interface Compared {
  tabs: readonly Tab[];
  before: Found;
  after: Found;
  batch: Batch;
}

/** What is there now, as it will be once what we wrote over is put back, and what that takes. */
function compared({ tabs, before, after, batch }: Compared) {
  const putBack = new Map<number, readonly CellWrite[]>();
  const now = after.tabs.map((found): FoundTab => {
    const was = before.tabs.find(({ sheetId }) => sheetId === found.sheetId);
    const tab = tabs.find((one) => tabOf([found], one));
    if (!was || !tab) return found;
    const cells = repairs(tab, was, found, batch.sent.get(found.sheetId) ?? NOTHING);
    if (cells.length === 0) return found;
    putBack.set(found.sheetId, cells);
    return withWrites(found, cells);
  });
  const others = before.tabs.filter((old) => !now.some(({ sheetId }) => sheetId === old.sheetId));
  const takenIds = [...new Set([...before.takenIds, ...after.takenIds])];
  const titles = after.titles ?? before.titles;
  return { there: { tabs: [...others, ...now], takenIds, ...(titles && { titles }) }, putBack };
}

function add(sum: Applied, { cells, requests, putBack }: Applied) {
  sum.cells += cells;
  sum.requests += requests;
  sum.putBack += putBack;
}
