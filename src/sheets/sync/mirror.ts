import type { Clock } from "../../lib/clock.ts";
import { isFailure, messageOf } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import { loop, type WakeSignal } from "../../lib/loop.ts";
import { within } from "../../lib/time-limit.ts";
import type { Found, Spreadsheet } from "../google/spreadsheet.ts";
import {
  defaultLayout,
  headsOf,
  type LayoutSettings,
  type SheetRows,
  type Tab,
} from "../layout/layout.ts";
import { type Applied, applyPlans } from "./apply-plans.ts";
import { emptyMirrorState, type MirrorState } from "./mirror-state.ts";
import { defaultMirrorPace } from "./pace.ts";
import { seenTabs } from "./seen-tabs.ts";
import { syncTabs } from "./sync-tabs.ts";

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
  const tabs = syncTabs({ given, statusMs, logger, state });
  const seen = seenTabs();
  /** When all tabs were looked at, and what clock the spreadsheet had then. */
  let lookedAt: number | undefined;
  let endedAt: number | undefined;
  let zone: string | undefined;
  /** Whatever hangs on the way to Google is given up: a write that is carried out late does no harm. */
  const asked: Spreadsheet = {
    read: (wanted) => within(limitMs, () => spreadsheet.read(wanted)),
    readFilled: (beyond) => within(limitMs, () => spreadsheet.readFilled(beyond)),
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
    const kept = tabs.kept(rows, { now, zone });
    return writeTabs(tabs.toWrite(rows, { found, now, zone, kept }), found);
  }

  /** Undefined where there was nothing to look at. */
  async function writeChanged(rows: SheetRows, now: Date): Promise<Applied | undefined> {
    const kept = tabs.kept(rows, { now, zone });
    const differing = new Set(seen.differing(kept).map(({ name }) => name));
    if (differing.size === 0) return undefined;
    // Whatever is written is told there.
    differing.add("status");
    const looked = kept.filter(({ name }) => differing.has(name));
    const found = await asked.read(looked);
    // Times of all tabs are by its clock.
    if (found.timezone !== zone) return writeAll(rows, now);
    return writeTabs(tabs.toWrite(rows, { found, now, zone, kept: looked }), found);
  }

  async function writeTabs(written: readonly Tab[], found: Found) {
    const options = { spreadsheet: asked, tabs: written, found };
    const applied = await applyPlans({ ...options, ...(maxBytes !== undefined && { maxBytes }) });
    seen.keep(written);
    return applied;
  }

  /** The next look is at all tabs. */
  function forget() {
    seen.forget();
    lookedAt = undefined;
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
