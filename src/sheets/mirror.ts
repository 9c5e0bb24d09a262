import type { Clock } from "../lib/clock.ts";
import { type FailureKind, isFailure, messageOf } from "../lib/failure.ts";
import type { Logger } from "../lib/log.ts";
import { loop, type Wake } from "../lib/loop.ts";
import { layout, type SheetRows } from "./layout.ts";
import { plan } from "./plan.ts";
import type { Spreadsheet } from "./spreadsheet.ts";

export interface MirrorOptions {
  spreadsheet: Spreadsheet;
  readRows: () => Promise<SheetRows>;
  clock: Clock;
  log: Logger;
  /** How long changes are gathered after a wake-up. */
  gatherMs?: number;
  /** How long until it looks again unasked, because a status changes with time alone. */
  lookMs?: number;
}

/** What /status says of the mirror; times are ISO instants. */
export interface MirrorState {
  /** When the sheet was last found or made to be what the rows say. */
  lastSyncAt: string | null;
  lastChangeAt: string | null;
  /** Since the process began. */
  cellsWritten: number;
  /** Of the newest failure, also when a sync succeeded since. */
  lastFailure: { at: string; kind: FailureKind | null; message: string } | null;
}

export interface Written {
  cells: number;
  requests: number;
}

export interface Mirror {
  readonly state: Readonly<MirrorState>;
  /** Reads rows and sheet, and writes what differs in one batch, or nothing. */
  sync(): Promise<Written>;
  /** Syncs at each wake-up and every `lookMs` until `signal` aborts. */
  run(signal: AbortSignal, woken?: Wake): Promise<void>;
}

export function createMirror({
  spreadsheet,
  readRows,
  clock,
  log,
  gatherMs = 2_000,
  lookMs = 60_000,
}: MirrorOptions): Mirror {
  const state: MirrorState = {
    lastSyncAt: null,
    lastChangeAt: null,
    cellsWritten: 0,
    lastFailure: null,
  };
  return { state, sync, run };

  async function sync(): Promise<Written> {
    try {
      const written = await bringUpToDate(spreadsheet, await readRows());
      state.lastSyncAt = clock.now().toISOString();
      if (written.requests === 0) return written;
      state.lastChangeAt = state.lastSyncAt;
      state.cellsWritten += written.cells;
      log.info({ ...written }, "sheet.written");
      return written;
    } catch (error) {
      const kind = isFailure(error) ? error.kind : null;
      state.lastFailure = { at: clock.now().toISOString(), kind, message: messageOf(error) };
      throw error;
    }
  }

  async function run(signal: AbortSignal, woken?: Wake) {
    const step = async () => {
      await clock.pause(gatherMs, signal);
      if (!signal.aborted) await sync();
      return "idle" as const;
    };
    const onFailure = (error: unknown, failures: number) => {
      const again = isFailure(error, "unavailable");
      log[again ? "warn" : "error"]({ error, failures }, "sheet.failed");
    };
    await loop(step, { clock, idleMs: lookMs, signal, ...(woken && { woken }), onFailure });
  }
}

async function bringUpToDate(spreadsheet: Spreadsheet, rows: SheetRows): Promise<Written> {
  const tabs = layout(rows);
  const found = await spreadsheet.read(tabs.map(({ title }) => title));
  const { requests, cells } = plan(tabs, found);
  if (requests.length > 0) await spreadsheet.write(requests);
  return { cells, requests: requests.length };
}
