import { buildMirrors } from "../../commands/build/mirrors.ts";
import type { SheetOptions } from "../../commands/build/sheet-reader.ts";
import type { Pool } from "../../database/connect.ts";
import { toldOf } from "../../database/fault.ts";
import type { Lease } from "../../database/lease.ts";
import { redactText } from "../../lib/logger.ts";
import { beginSpan } from "../../lib/tracing.ts";
import { forgetRowTraces, readRowTraces } from "../../projections/consumer/row-traces.ts";
import type { Mirror } from "../../sheets/sync/mirror.ts";
import type { MirrorState } from "../../sheets/sync/mirror-state.ts";
import { TAKEN } from "../../sheets/sync/sync-tabs.ts";
import { standingWatch } from "../status/standing.ts";
import { standingTold } from "../status/standing-told.ts";
import type { LoopContext } from "./loop-context.ts";
import { signalAmong } from "./wake-signals.ts";

interface SheetContext extends LoopContext {
  /** Told after each sync, whatever came of it. */
  onSync: () => void;
}

/** The sheets: the first is `GOOGLE_SHEET_ID`'s, the others are copies of it. */
export function sheetLoops(context: SheetContext, sheet: SheetOptions) {
  /** Of each sync that is under way. */
  const goesOn = new Map<number, () => void>();
  const mirrors = buildMirrors({ ...sheet, onProgress: (index) => goesOn.get(index)?.() });
  return {
    /** How the first fares, without what an error's message may quote. */
    state(): MirrorState | null {
      const [first] = mirrors;
      if (!first) return null;
      const { lastFailure } = first.state;
      const message = redactText(lastFailure?.message ?? "");
      return { ...first.state, lastFailure: lastFailure && { ...lastFailure, message } };
    },
    /** Google cannot be fenced: a late write of who lost the lease is found and undone at the next look. */
    work:
      mirrors.length > 0 &&
      ((lease: Lease) =>
        Promise.all(
          mirrors.map((mirror, index) => reflect({ context, mirror, index, lease, goesOn })),
        )),
  };
}

interface Reflected {
  context: SheetContext;
  mirror: Mirror;
  index: number;
  lease: Lease;
  goesOn: Map<number, () => void>;
}

function reflect({ context, mirror, index, lease, goesOn }: Reflected) {
  const { sql, clock, failing, wakeSignals, rush, onSync } = context;
  const name = index === 0 ? "the sheet" : `copy ${index} of the sheet`;
  const syncs = standingWatch(standingTold(context, lease));
  return mirror.run(lease.signal, signalAmong(wakeSignals.rows, lease.signal), {
    gathered: () => rush.over(lease.signal),
    watch: (sync) =>
      syncs.watch(
        name,
        () => clock.now(),
        (progress) => {
          goesOn.set(index, progress);
          return index === 0 ? tracedSync(sql, sync) : sync();
        },
      ),
    onSuccess() {
      failing.clear(name, lease);
      noteCells(context, name, mirror.state.unshown, lease);
      noteTabs(context, name, mirror.state.taken, lease);
      onSync();
    },
    onFailure(error) {
      failing.note(name, toldOf(error), clock.now(), lease);
      onSync();
    },
  });
}

/** A sync shows what several traces made: it is a span of each of them, once more where it failed. */
async function tracedSync(sql: Pool, sync: () => Promise<unknown>) {
  const made = await readRowTraces(sql);
  const spans = made.map(({ eventId, traceparent: parent }) =>
    beginSpan("sheet.sync", { parent, kind: "client", attributes: { event_id: eventId } }),
  );
  const end = (outcome?: { error: unknown }) => {
    for (const span of spans) span.end(outcome);
  };
  try {
    const written = await sync();
    end();
    if (made.length > 0) await forgetRowTraces(sql, made);
    return written;
  } catch (error) {
    end({ error });
    throw error;
  }
}

/** Cells that cannot be worked out: the sheet is written without them. */
function noteCells(
  { failing, clock }: LoopContext,
  name: string,
  unshown: readonly string[],
  lease: Lease,
) {
  const [first, ...others] = unshown;
  const cells = `cells of ${name}`;
  if (first === undefined) return failing.clear(cells, lease);
  const more = others.length > 0 ? `, and ${others.length} more` : "";
  failing.note(cells, `they cannot be shown: ${first}${more}.`, clock.now(), lease);
}

/** Tabs that are somebody's own: all others are written. */
function noteTabs(
  { failing, clock }: LoopContext,
  name: string,
  taken: readonly string[],
  lease: Lease,
) {
  const tabs = `tabs of ${name}`;
  if (taken.length === 0) return failing.clear(tabs, lease);
  failing.note(tabs, `not written: ${taken.join(", ")}; ${TAKEN}.`, clock.now(), lease);
}
