import { Failure, isFailure } from "../../lib/failure.ts";
import { type Found, type FoundTab, type Spreadsheet, sameTitle } from "../google/spreadsheet.ts";
import type { Tab } from "../layout/layout.ts";
import { firstPart, type Part, type Sent } from "./part.ts";
import { planTabs } from "./plan.ts";
import { repairs, withWrites } from "./repair.ts";
import { type CellWrite, updateCells } from "./requests.ts";

export interface BringOptions {
  spreadsheet: Spreadsheet;
  tabs: readonly Tab[];
  found: Found;
  maxBytes?: number;
}

export interface Brought {
  cells: number;
  requests: number;
  /** Cells of other people that were written over and put back. */
  putBack: number;
}

/** A sheet that is never as it was written would be written for ever. */
const MOST_ROUNDS = 200;

/** Brings tabs to what they should be. One that is refused, or at which something throws, stops no other. */
export async function bring(options: BringOptions): Promise<Brought> {
  const { spreadsheet, tabs } = options;
  try {
    return await bringTogether(options);
  } catch (error) {
    if (!isOfOneTab(error)) throw error;
    if (tabs.length < 2) throw named(error, tabs[0]);
  }
  const sum: Brought = { cells: 0, requests: 0, putBack: 0 };
  const failures: unknown[] = [];
  for (const tab of tabs) {
    try {
      const found = await spreadsheet.read([tab.title]);
      add(sum, await bringTogether({ ...options, tabs: [tab], found }));
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

/** Part by part, each planned from what the one before left, which its answer says. */
async function bringTogether({ spreadsheet, tabs, found, maxBytes }: BringOptions) {
  const sum: Brought = { cells: 0, requests: 0, putBack: 0 };
  let there = found;
  let putBack = new Map<number, readonly CellWrite[]>();
  let last = "";
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const plans = planTabs(tabs, there);
    const part = withRepairs(firstPart(plans, maxBytes), putBack);
    const sent = JSON.stringify(part.requests);
    // What reads differently from how it was written would be written again and again.
    if (part.requests.length === 0 || sent === last) return sum;
    last = sent;
    const titles = titlesOf(part, putBack, there);
    const after = await spreadsheet.write(part.requests, titles);
    add(sum, { cells: part.cells, requests: part.requests.length, putBack: 0 });
    if (after.tabs.length < titles.length) return sum;
    ({ there, putBack } = compared({ tabs, before: there, after, part }));
    for (const cells of putBack.values()) sum.putBack += cells.length;
  }
  return sum;
}

function withRepairs(part: Part, putBack: ReadonlyMap<number, readonly CellWrite[]>): Part {
  const requests = [...putBack].flatMap(([sheetId, writes]) => updateCells(sheetId, writes));
  const sent = new Map(part.sent);
  for (const [sheetId, cells] of putBack) {
    const { writes, inserted } = sent.get(sheetId) ?? NOTHING;
    sent.set(sheetId, { writes: [...cells, ...writes], inserted });
  }
  return { ...part, sent, requests: [...requests, ...part.requests] };
}

const NOTHING: Sent = { writes: [], inserted: { at: 0, count: 0 } };

const titlesOf = (part: Part, putBack: ReadonlyMap<number, unknown>, { tabs }: Found) => [
  ...new Set([
    ...part.titles,
    ...tabs.filter(({ sheetId }) => putBack.has(sheetId)).map(({ title }) => title),
  ]),
];

interface Compared {
  tabs: readonly Tab[];
  before: Found;
  after: Found;
  part: Part;
}

/** What is there now, as it will be once what we wrote over is put back, and what that takes. */
function compared({ tabs, before, after, part }: Compared) {
  const putBack = new Map<number, readonly CellWrite[]>();
  const now = after.tabs.map((found): FoundTab => {
    const was = before.tabs.find(({ sheetId }) => sheetId === found.sheetId);
    const tab = tabs.find(({ title }) => sameTitle(title, found.title));
    if (!was || !tab) return found;
    const cells = repairs(tab, was, found, part.sent.get(found.sheetId) ?? NOTHING);
    if (cells.length === 0) return found;
    putBack.set(found.sheetId, cells);
    return withWrites(found, cells);
  });
  const others = before.tabs.filter((old) => !now.some(({ sheetId }) => sheetId === old.sheetId));
  const takenIds = [...new Set([...before.takenIds, ...after.takenIds])];
  return { there: { tabs: [...others, ...now], takenIds }, putBack };
}

function add(sum: Brought, { cells, requests, putBack }: Brought) {
  sum.cells += cells;
  sum.requests += requests;
  sum.putBack += putBack;
}
