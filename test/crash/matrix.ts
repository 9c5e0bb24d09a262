import { seeded } from "../../sandbox/random.ts";
import { actor } from "./actor.ts";
import { compareHours, compareRows, compareSheet } from "./compare.ts";
import { auditBooks, compareRebuilt, readLog } from "./ledger.ts";
import { type Machine, raiseMachine } from "./machine.ts";
import { readModel } from "./model.ts";

type System = "datacore" | "vivenu" | "sheets";
type Rule = Record<string, unknown>;

export interface MatrixFault {
  system: System;
  fault: string;
  rule: Rule;
}

const often = { probability: 0.5 };
const seldom = { probability: 0.3 };
const fault = (system: System, name: string, ...rules: Rule[]): MatrixFault[] =>
  rules.map((rule) => ({ system, fault: name, rule }));
const failures = (more: Rule, ...statuses: (number | string)[]) =>
  statuses.map((status) => ({ ...seldom, ...more, status, ...(status === "timeout" && HELD) }));
/** Longer than anybody here waits. */
const HELD = { holdMs: 600 };

/** Every fault of the switchboards, those with a status once for each. */
export const matrixFaults: MatrixFault[] = [
  ...fault("datacore", "visibilityDelay", { minMs: 0, maxMs: 40_000, ...often }),
  ...fault("datacore", "clockSkew", { skewsMs: [0, -3_000, 1_500] }),
  ...fault("datacore", "duplicateSameId", { copies: 1, ...often }),
  ...fault("datacore", "duplicateNewId", { copies: 2, ...often }),
  ...fault("datacore", "silentDrop", seldom),
  ...fault("datacore", "shortPages", often),
  ...fault("datacore", "emptyPages", often),
  ...fault("datacore", "danglingCursor", {}),
  ...fault("datacore", "slowPages", { msPerEvent: 0.1, hangAbove: 150, ...often }),
  ...fault(
    "datacore",
    "failBefore",
    ...failures({ on: "ingest" }, 429, 500, 502, 503, 504, "timeout", "reset"),
    ...failures({ on: "read" }, 429, 500, 503, "timeout", "reset"),
    ...failures({ on: "buckets" }, 429, 503, "reset"),
  ),
  ...fault("datacore", "failAfter", ...failures({}, 429, 500, 502, 503, 504, "timeout", "reset")),
  ...fault("datacore", "html", { on: "ingest", ...seldom }, { on: "read", ...seldom }, seldom),
  ...fault("datacore", "bucketLag", { ms: 60_000 }),
  ...fault("datacore", "revokedKey", { on: "ingest", ...seldom }, { on: "read", ...seldom }),
  ...fault("datacore", "forbidden", { on: "ingest", ...seldom }, { on: "read", ...seldom }),
  ...fault(
    "vivenu",
    "throttle",
    seldom,
    { retryAfterS: 2, ...seldom },
    { retryAfterS: 2, retryAfterAs: "date", ...seldom },
  ),
  ...fault("vivenu", "unavailable", ...failures({}, 500, 502, 503, 504), { topAbove: 100 }),
  ...fault("vivenu", "hang", { probability: 0.15, ...HELD }),
  ...fault("vivenu", "reset", seldom),
  ...fault("vivenu", "truncatedJson", seldom),
  ...fault("vivenu", "html", seldom),
  ...fault("vivenu", "refused", { status: 401, ...seldom }, { status: 403, ...seldom }),
  ...fault("vivenu", "unsorted", { stable: true }, { stable: false }),
  ...fault("vivenu", "lateTickets", { maxMs: 20_000, ...often }),
  ...fault("vivenu", "missingChanges", often, { atMost: 2, ...often }),
  ...fault("vivenu", "wrongTotals", often),
  ...fault("vivenu", "changingTickets", { sales: 2, refunds: 1, ...often }),
  ...fault("vivenu", "changingEvents", { copies: 1, next: 1 }),
  ...fault(
    "sheets",
    "failBefore",
    ...failures({ on: "read", ...often }, 401, 403, 429, 500, 503, "timeout", "reset"),
    ...failures({ on: "write", ...often }, 429, 500, 503, "timeout", "reset"),
    ...failures({ on: "token" }, 401, 500, "reset"),
  ),
  ...fault("sheets", "failAfter", ...failures(often, 500, 503, "timeout", "reset")),
  ...fault("sheets", "html", { on: "read", ...often }, { on: "write", ...often }, { on: "token" }),
  ...fault("sheets", "lateWrite", { ms: 400, ...often }),
];

export type MatrixCase = MatrixFault[];

/** Every fault alone, with each of its settings; and every pair of faults, with settings by chance. */
export function everyCase(random: () => number): MatrixCase[] {
  const named = Map.groupBy(matrixFaults, ({ system, fault }) => `${system} ${fault}`);
  const kinds = [...named.values()];
  const oneOf = (kind: MatrixFault[]) => kind.slice(Math.floor(random() * kind.length)).slice(0, 1);
  return [
    ...matrixFaults.map((one) => [one]),
    ...kinds.flatMap((kind, at) =>
      kinds.slice(at + 1).map((other) => [...oneOf(kind), ...oneOf(other)]),
    ),
  ];
}

export const nameOf = (faults: MatrixCase) =>
  faults.map(({ system, fault, rule }) => `${system} ${fault} ${JSON.stringify(rule)}`).join(" + ");

/** As many cases as asked for, by chance; each fault is in one before any is in a second. */
export function someCases(count: number, random: () => number): MatrixCase[] {
  const left: MatrixFault[] = [];
  const draw = (): MatrixFault => {
    if (left.length === 0) left.push(...matrixFaults);
    const [drawn] = left.splice(Math.floor(random() * left.length), 1);
    return drawn ?? draw();
  };
  return Array.from({ length: count }, () => [draw(), draw()]);
}

export interface MatrixOptions {
  cases: MatrixCase[];
  seed: number;
  /** Milliseconds; no case begins after that. */
  deadline?: number;
  say?: (line: string) => void;
}

export interface MatrixFailure {
  /** Of the cases that were given, from 1. */
  number: number;
  name: string;
  faults: string[];
}

/** A world wears out: its log grows, and each look at it with it. */
const CASES_A_WORLD = 40;

/** Runs each case and says which did not end in the right rows. */
export async function runMatrix({ cases, seed, deadline, say = () => {} }: MatrixOptions) {
  const failed: MatrixFailure[] = [];
  const struck: Record<string, number> = {};
  const startedAt = performance.now();
  for (let at = 0; at < cases.length; at += CASES_A_WORLD) {
    if (performance.now() > (deadline ?? Number.POSITIVE_INFINITY)) break;
    await using machine = await raiseMachine();
    const some = cases.slice(at, at + CASES_A_WORLD);
    const found = await runCases(machine, { cases: some, seed: seed + at, struck });
    failed.push(...found.map((one) => ({ ...one, number: at + one.number })));
    for (const { name, number, faults } of found)
      say(`FAILED case ${at + number}, ${name}\n  ${faults.slice(0, 8).join("\n  ")}`);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    say(`${at + some.length} of ${cases.length} cases, ${failed.length} failed, ${seconds} s`);
  }
  return { failed, struck };
}

interface CasesOptions {
  cases: MatrixCase[];
  seed: number;
  /** Is told how often each fault struck. */
  struck: Record<string, number>;
}

/** One case after the other in one world, and in the end the rows made anew from its log. */
export async function runCases(
  machine: Machine,
  { cases, seed, struck }: CasesOptions,
): Promise<MatrixFailure[]> {
  await machine.poll();
  const failed: MatrixFailure[] = [];
  for (const [place, faults] of cases.entries()) {
    const found = await runCase(machine, { faults, seed: seed + place, struck });
    if (found.length > 0) failed.push({ number: place + 1, name: nameOf(faults), faults: found });
  }
  const log = await readLog(machine.outside.sql);
  const rebuilt = await compareRebuilt(machine.own, log, seeded(seed));
  if (rebuilt.length > 0)
    failed.push({ number: cases.length, name: "the log of all of them", faults: rebuilt });
  return failed;
}

interface CaseOptions {
  faults: MatrixCase;
  seed: number;
  /** Is told how often each fault struck. */
  struck: Record<string, number>;
}

const ROUNDS = 2;
/** Nobody waits long for an answer here, so that on a slow machine one may be missed without a fault. */
const TRIES = 10;
/** What nobody waited for any longer may be written all the same, and behind a look that begins at once. */
const ON_ITS_WAY_MS = 1_000;
const CHANGES = 6;

async function runCase(machine: Machine, { faults, seed, struck }: CaseOptions) {
  const { outside, surprises } = machine;
  const played = { datacore: outside.datacore, vivenu: outside.vivenu, sheets: outside.sheets };
  const { act } = await actor(outside, seeded(seed));
  for (const [system, { faults: board }] of Object.entries(played)) {
    const rules = Map.groupBy(
      faults.filter((one) => one.system === system),
      (one) => one.fault,
    );
    if (rules.size === 0) continue;
    const lists = [...rules].map(([name, list]) => [name, list.map(({ rule }) => rule)]);
    board.set({ seed, ...Object.fromEntries(lists) });
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let change = 0; change < CHANGES; change += 1) await act();
    await machine.turn();
    await machine.poll();
    await machine.turn();
    // The mirror asks Google for little: with one look its faults would seldom strike.
    const looks = faults.some(({ system }) => system === "sheets") ? 4 : 1;
    for (let look = 0; look < looks; look += 1) await machine.mirror();
  }
  for (const [system, { faults: board }] of Object.entries(played)) {
    for (const [name, times] of Object.entries(board.read().injected))
      struck[`${system} ${name}`] = (struck[`${system} ${name}`] ?? 0) + times;
    board.clear();
  }
  await outside.datacore.reveal();
  // What was written late is on the sheet by now; what hangs has been let go.
  if (faults.some(({ fault }) => fault === "lateWrite")) await Bun.sleep(450);
  return [...(await settle(machine)), ...(await judge(machine)), ...surprises.splice(0)];
}

/** Without faults, until every book is closed. */
async function settle(machine: Machine): Promise<string[]> {
  const { own, outside } = machine;
  let polled = false;
  for (let tries = 0; tries < TRIES && !polled; tries += 1) polled = await machine.poll();
  if (!polled) return [`no poll could read everything: ${machine.lines.slice(-3).join(" ")}`];
  for (let turn = 0; turn < 12; turn += 1) {
    await machine.turn();
    // Whatever waits for its next try has waited long enough.
    machine.advance(turn * 120_000);
    if ((await auditBooks(own, await readLog(outside.sql))).length === 0) break;
  }
  for (let tries = 0; tries < TRIES && !(await machine.mirror()); tries += 1)
    await Bun.sleep(ON_ITS_WAY_MS);
  return [];
}

/** What rows, hours, cells and books say, against what Vivenu says. */
export async function judge({ own, outside, rows: readRows }: Machine): Promise<string[]> {
  const [rows, model] = [await readRows(), await readModel(outside)];
  const hours = await own.sql<
    { eventId: string; ticketTypeId: string; hour: Date; kind: string; tickets: number }[]
  >`select event_id, ticket_type_id, hour, kind, tickets from sales_hour`;
  const tabs = {
    events: await outside.readTab("Events"),
    ticketTypes: await outside.readTab("Ticket Types"),
  };
  return [
    ...(await auditBooks(own, await readLog(outside.sql))),
    ...compareRows(rows, model),
    ...compareHours(hours, model),
    ...compareSheet(rows, tabs),
  ];
}
