import type { Clock } from "../../lib/clock.ts";
import { isFailure, messageOf } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import { loop, type WakeSignal } from "../../lib/loop.ts";
import { within } from "../../lib/time-limit.ts";
import { type Found, type Spreadsheet, tabOf } from "../google/spreadsheet.ts";
import {
  defaultLayout,
  headsOf,
  type LayoutSettings,
  layout,
  type SheetRows,
  type Tab,
  unshownIn,
} from "../layout/layout.ts";
import { statusLines } from "../layout/status-lines.ts";
import { type Applied, applyPlans } from "./apply-plans.ts";
import { emptyMirrorState, type MirrorState } from "./mirror-state.ts";
import { defaultMirrorPace } from "./pace.ts";
import { isTaken, planTabs } from "./plan.ts";
import { seenTabs } from "./seen-tabs.ts";

export interface MirrorOptions {
  spreadsheet: Spreadsheet;
  readRows: () => Promise<SheetRows>;
  clock: Clock;
  logger: Logger;
  /** From the end of one sync to the beginning of the next at least: meanwhile changes are gathered. */
  gatherMs?: number;
  /** How long until it looks at all tabs again, woken or not: people overwrite cells, and tell nobody. */
  lookMs?: number;
  /** How often times and ages on the Status tab are brought up to date when nothing else is written. */
  statusMs?: number;
  /** Which tabs, and how they look. */
  settings?: LayoutSettings;
  /** Of one request at most. */
  maxBytes?: number;
  /** For the rows, and for each answer of the spreadsheet with all that it waits for. */
  limitMs?: number;
}

const LIMIT_MS = 300_000;

/** One sale is told several times within this, of rows that are written one behind the other. */
const SETTLE_MS = 250;

export interface Written {
  cells: number;
  requests: number;
}

/** Who is told how each sync went. */
export interface MirrorTold {
  /** Waited for before each sync, behind the pause in which changes are gathered. */
  gathered?: () => Promise<void>;
  /** Goes around each sync. */
  watch?: (sync: () => Promise<unknown>) => Promise<unknown>;
  onSuccess: () => void;
  onFailure: (error: unknown) => void;
}

export interface Mirror {
  readonly state: Readonly<MirrorState>;
  /**
   * Reads rows and sheet, and writes what differs in one batch, or nothing. Of `changed` tabs alone: those
   * whose rows say something else than when the tab was last found right. Others are not even read.
   */
  sync(look?: Look): Promise<Written>;
  /** Syncs at each wake-up what changed, and every `lookMs` everything, until `signal` aborts. */
  run(signal: AbortSignal, woken?: WakeSignal, told?: MirrorTold): Promise<void>;
}

export type Look = "all" | "changed";

interface Looked {
  found: Found;
  now: Date;
  kept: readonly Tab[];
}

export const TAKEN = "another tab has this title; SHEET_TITLES gives ours another one";

export function createMirror({
  spreadsheet,
  readRows,
  clock,
  logger,
  gatherMs = defaultMirrorPace.gatherMs,
  lookMs = defaultMirrorPace.lookMs,
  statusMs = defaultMirrorPace.statusMs,
  settings: given = defaultLayout,
  maxBytes,
  limitMs = LIMIT_MS,
}: MirrorOptions): Mirror {
  const state = emptyMirrorState();
  const status = statusLines(statusMs);
  const seen = seenTabs();
  /** When all tabs were looked at, and what clock the spreadsheet had then. */
  let lookedAt: number | undefined;
  let endedAt: number | undefined;
  let zone: string | undefined;
  /** Whatever hangs on the way to Google is given up: a write that is carried out late does no harm. */
  const asked: Spreadsheet = {
    read: (wanted) => within(limitMs, () => spreadsheet.read(wanted)),
    write: (requests, titles) => within(limitMs, () => spreadsheet.write(requests, titles)),
  };
  return { state, sync, run };

  async function sync(look: Look = "all"): Promise<Written> {
    try {
      const written = await writeDifferences(look);
      if (!written) return { cells: 0, requests: 0 };
      state.lastSyncAt = clock.now().toISOString();
      if (written.requests === 0) return { cells: 0, requests: 0 };
      state.lastChangeAt = state.lastSyncAt;
      state.cellsWritten += written.cells;
      state.cellsPutBack += written.putBack;
      const { cells, requests, putBack } = written;
      logger.info({ cells, requests, ...(putBack > 0 && { putBack }) }, "sheet.written");
      return { cells, requests };
    } catch (error) {
      forget();
      const kind = isFailure(error) ? error.kind : null;
      state.lastFailure = { at: clock.now().toISOString(), kind, message: messageOf(error) };
      throw error;
    }
  }

  async function writeDifferences(look: Look): Promise<Applied | undefined> {
    const rows = await within(limitMs, readRows);
    const now = clock.now();
    return look === "changed" && !seen.isEmpty() ? writeChanged(rows, now) : writeAll(rows, now);
  }

  async function writeAll(rows: SheetRows, now: Date) {
    lookedAt = now.getTime();
    const found = await asked.read(headsOf(rows, given));
    zone = found.timezone;
    return writeTabs(tabsFor(rows, { found, now, kept: keptTabs(rows, now) }), found);
  }

  /** Undefined where there was nothing to look at. */
  async function writeChanged(rows: SheetRows, now: Date): Promise<Applied | undefined> {
    const kept = keptTabs(rows, now);
    const differing = new Set(seen.differing(kept).map(({ name }) => name));
    if (differing.size === 0) return undefined;
    // Whatever is written is told there.
    differing.add("status");
    const looked = kept.filter(({ name }) => differing.has(name));
    const found = await asked.read(looked);
    // Times of all tabs are by its clock.
    if (found.timezone !== zone) return writeAll(rows, now);
    return writeTabs(tabsFor(rows, { found, now, kept: looked }), found);
  }

  async function writeTabs(tabs: readonly Tab[], found: Found) {
    const options = { spreadsheet: asked, tabs, found };
    const applied = await applyPlans({ ...options, ...(maxBytes !== undefined && { maxBytes }) });
    seen.keep(tabs);
    return applied;
  }

  /** The next look is at all tabs. */
  function forget() {
    seen.forget();
    lookedAt = undefined;
  }

  function settings(): LayoutSettings {
    return { ...given, timezone: given.timezone ?? zone ?? null };
  }

  /** With a Status tab that says what it said, unless that is old or something else. */
  function keptTabs(rows: SheetRows, now: Date): Tab[] {
    const kept = layout({ ...rows, ...status.kept(rows, now) }, settings(), status.keptAt(now));
    state.unshown = unshownIn(kept);
    return kept;
  }

  /** The Status tab's times move on only with something else, or when they have grown old. */
  function tabsFor(rows: SheetRows, { found, now, kept }: Looked): readonly Tab[] {
    noteTaken(kept, found, now);
    const plans = kept
      .filter(({ name }) => name !== "status")
      .flatMap((tab) => plansOf(tab, found));
    if (!rows.status || plans.length === 0) return kept;
    for (const { title, restored } of plans)
      for (const header of restored) {
        logger.warn({ tab: title, header }, "sheet.header_restored");
        status.note(`Header restored: ${title}, ${header}`, "put back at the right edge", now);
      }
    const statusAlone = { ...settings(), tabs: given.tabs.filter((name) => name === "status") };
    // No other tab hangs on the clock: they are what they were, and tens of thousands of cells.
    return [
      ...kept.filter(({ name }) => name !== "status"),
      ...layout({ ...rows, ...status.renewed(rows, now) }, statusAlone, now),
    ];
  }

  function noteTaken(tabs: readonly Tab[], found: Found, now: Date) {
    const taken = new Set(state.taken);
    for (const tab of tabs) {
      const item = `Tab not written: ${tab.title}`;
      if (!isTaken(tab, found)) {
        if (taken.delete(tab.title) || wasTaken(item, found))
          status.note(item, "it is written again", now);
        continue;
      }
      taken.add(tab.title);
      if (status.note(item, TAKEN, now)) logger.warn({ tab: tab.title }, "sheet.title_taken");
    }
    state.taken = [...taken];
  }

  /** Said by a process before this one, and still on the Status tab. */
  function wasTaken(item: string, { tabs }: Found) {
    const there = tabOf(tabs, { name: "status", title: settings().titles.status });
    return there?.rows.some(
      (row) => row.some(({ value }) => value === item) && row.some(({ value }) => value === TAKEN),
    );
  }

  /** What throws is told by whoever writes the tab. */
  function plansOf(tab: Tab, found: Found) {
    try {
      return planTabs([tab], found);
    } catch {
      return [];
    }
  }

  /** What comes after a quiet time is written at once, and what comes all the time is not written all the time. */
  function msToGather() {
    const left = endedAt === undefined ? 0 : endedAt + gatherMs - clock.now().getTime();
    return Math.min(gatherMs, Math.max(SETTLE_MS, left));
  }

  /** Until all tabs are to be looked at again. */
  function msToLook() {
    const left = lookedAt === undefined ? 0 : lookedAt + lookMs - clock.now().getTime();
    return Math.min(lookMs, Math.max(0, left));
  }

  async function run(signal: AbortSignal, woken?: WakeSignal, told?: MirrorTold) {
    // Another process may have written meanwhile.
    forget();
    const step = async () => {
      await clock.pause(msToGather(), signal);
      await told?.gathered?.();
      if (signal.aborted) return "idle" as const;
      const look = msToLook() > 0 ? "changed" : "all";
      await (told?.watch ? told.watch(() => sync(look)) : sync(look));
      endedAt = clock.now().getTime();
      told?.onSuccess();
      return "idle" as const;
    };
    const onFailure = (error: unknown, failures: number) => {
      told?.onFailure(error);
      const again = isFailure(error, "unavailable");
      logger[again ? "warn" : "error"]({ error, failures }, "sheet.failed");
    };
    await loop(step, { clock, idleMs: msToLook, signal, ...(woken && { woken }), onFailure });
  }
}
