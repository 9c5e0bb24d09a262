import { buildMirrors } from "../../commands/mirrors.ts";
import type { SheetOptions } from "../../commands/sheets.ts";
import { standingWatch } from "../../commands/standing.ts";
import type { Lease } from "../../database/lease.ts";
import { messageOf } from "../../lib/failure.ts";
import { redactText } from "../../lib/logger.ts";
import type { Mirror } from "../../sheets/sync/mirror.ts";
import type { MirrorState } from "../../sheets/sync/mirror-state.ts";
import { standingTold } from "../told.ts";
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
  const { clock, failing, wakeSignals, onSync } = context;
  const name = index === 0 ? "the sheet" : `copy ${index} of the sheet`;
  const syncs = standingWatch(standingTold(context, lease));
  return mirror.run(lease.signal, signalAmong(wakeSignals.rows, lease.signal), {
    watch: (sync) =>
      syncs.watch(
        name,
        () => clock.now(),
        (progress) => {
          goesOn.set(index, progress);
          return sync();
        },
      ),
    onSuccess() {
      failing.clear(name, lease);
      noteCells(context, name, mirror.state.unshown, lease);
      onSync();
    },
    onFailure(error) {
      failing.note(name, redactText(messageOf(error)), clock.now(), lease);
      onSync();
    },
  });
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
