import type { Clock } from "../../lib/clock.ts";
import { isFailure, messageOf } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import { loop, type WakeSignal } from "../../lib/loop.ts";
import { within } from "../../lib/time-limit.ts";
import type { Found, Spreadsheet } from "../google/spreadsheet.ts";
import {
  defaultLayout,
  type LayoutSettings,
  layout,
  type SheetRows,
  type Tab,
  titlesOf,
  unshownIn,
} from "../layout/layout.ts";
import { statusLines } from "../layout/status-lines.ts";
import { applyPlans } from "./apply-plans.ts";
import { emptyMirrorState, type MirrorState } from "./mirror-state.ts";
import { defaultMirrorPace } from "./pace.ts";
import { isTaken, planTabs } from "./plan.ts";

export interface MirrorOptions {
  spreadsheet: Spreadsheet;
  readRows: () => Promise<SheetRows>;
  clock: Clock;
  logger: Logger;
  /** How long changes are gathered after a wake-up. */
  gatherMs?: number;
  /** How long until it looks again unasked: a status changes with time alone, and people overwrite cells. */
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

export interface Written {
  cells: number;
  requests: number;
}

/** Who is told how each sync went. */
export interface MirrorTold {
  /** Goes around each sync. */
  watch?: (sync: () => Promise<unknown>) => Promise<unknown>;
  onSuccess: () => void;
  onFailure: (error: unknown) => void;
}

export interface Mirror {
  readonly state: Readonly<MirrorState>;
  /** Reads rows and sheet, and writes what differs in one batch, or nothing. */
  sync(): Promise<Written>;
  /** Syncs at each wake-up and every `lookMs` until `signal` aborts. */
  run(signal: AbortSignal, woken?: WakeSignal, told?: MirrorTold): Promise<void>;
}

const TAKEN = "a tab of this title is somebody's own; SHEET_TITLES gives ours another";

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
  /** Whatever hangs on the way to Google is given up: a write that is carried out late does no harm. */
  const asked: Spreadsheet = {
    read: (titles) => within(limitMs, () => spreadsheet.read(titles)),
    write: (requests, titles) => within(limitMs, () => spreadsheet.write(requests, titles)),
  };
  return { state, sync, run };

  async function sync(): Promise<Written> {
    try {
      const written = await writeChanges();
      state.lastSyncAt = clock.now().toISOString();
      if (written.requests === 0) return { cells: 0, requests: 0 };
      state.lastChangeAt = state.lastSyncAt;
      state.cellsWritten += written.cells;
      state.cellsPutBack += written.putBack;
      const { cells, requests, putBack } = written;
      logger.info({ cells, requests, ...(putBack > 0 && { putBack }) }, "sheet.written");
      return { cells, requests };
    } catch (error) {
      const kind = isFailure(error) ? error.kind : null;
      state.lastFailure = { at: clock.now().toISOString(), kind, message: messageOf(error) };
      throw error;
    }
  }

  async function writeChanges() {
    const rows = await within(limitMs, readRows);
    const now = clock.now();
    const found = await asked.read(titlesOf(rows, given));
    const tabs = tabsFor(rows, found, now);
    state.unshown = unshownIn(tabs);
    return applyPlans({
      spreadsheet: asked,
      tabs,
      found,
      ...(maxBytes !== undefined && { maxBytes }),
    });
  }

  /** The Status tab's times move on only with something else, or when they have grown old. */
  function tabsFor(rows: SheetRows, found: Found, now: Date): Tab[] {
    const settings = { ...given, timezone: given.timezone ?? found.timezone ?? null };
    const kept = layout({ ...rows, ...status.kept(rows, now) }, settings, status.keptAt(now));
    for (const tab of kept.filter((one) => isTaken(one, found)))
      if (status.note(`Tab not written: ${tab.title}`, TAKEN, now))
        logger.warn({ tab: tab.title }, "sheet.title_taken");
    const plans = kept
      .filter(({ name }) => name !== "status")
      .flatMap((tab) => plansOf(tab, found));
    if (!rows.status || plans.length === 0) return kept;
    for (const { tab, restored } of plans)
      for (const header of restored) {
        logger.warn({ tab: tab.title, header }, "sheet.header_restored");
        status.note(`Header restored: ${tab.title}, ${header}`, "put back at the right edge", now);
      }
    const statusAlone = { ...settings, tabs: settings.tabs.filter((name) => name === "status") };
    // No other tab hangs on the clock: they are what they were, and tens of thousands of cells.
    return [
      ...kept.filter(({ name }) => name !== "status"),
      ...layout({ ...rows, ...status.renewed(rows, now) }, statusAlone, now),
    ];
  }

  /** What throws is told by whoever writes the tab. */
  function plansOf(tab: Tab, found: Found) {
    try {
      return planTabs([tab], found);
    } catch {
      return [];
    }
  }

  async function run(signal: AbortSignal, woken?: WakeSignal, told?: MirrorTold) {
    const step = async () => {
      await clock.pause(gatherMs, signal);
      if (signal.aborted) return "idle" as const;
      await (told?.watch ? told.watch(sync) : sync());
      told?.onSuccess();
      return "idle" as const;
    };
    const onFailure = (error: unknown, failures: number) => {
      told?.onFailure(error);
      const again = isFailure(error, "unavailable");
      logger[again ? "warn" : "error"]({ error, failures }, "sheet.failed");
    };
    await loop(step, { clock, idleMs: lookMs, signal, ...(woken && { woken }), onFailure });
  }
}
