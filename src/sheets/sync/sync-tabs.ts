import type { Logger } from "../../lib/logger.ts";
import { type Found, tabOf } from "../google/spreadsheet.ts";
import {
  type LayoutSettings,
  layout,
  type SheetRows,
  type Tab,
  unshownIn,
} from "../layout/layout.ts";
import { statusLines } from "../layout/status-lines.ts";
import type { MirrorState } from "./mirror-state.ts";
import { isTaken, planTabs } from "./plan.ts";

export const TAKEN = "another tab has this title; SHEET_TITLES gives ours another one";

interface SyncTabsOptions {
  /** Which tabs, and how they look. */
  given: LayoutSettings;
  statusMs: number;
  logger: Logger;
  state: MirrorState;
}

/** When the rows were read, and what clock the spreadsheet has, where that is known. */
interface Moment {
  now: Date;
  zone: string | undefined;
}

interface Looked extends Moment {
  found: Found;
  kept: readonly Tab[];
}

/**
 * The tabs that a sync writes. All but the Status tab are what the rows say; that one says as well when it was
 * written, and what is wrong with the others.
 */
export function syncTabs({ given, statusMs, logger, state }: SyncTabsOptions) {
  const status = statusLines(statusMs);
  return { kept: keptTabs, toWrite: tabsFor };

  function settingsIn(zone: string | undefined): LayoutSettings {
    return { ...given, timezone: given.timezone ?? zone ?? null };
  }

  /** With a Status tab that says what it said, unless that is old or something else. */
  function keptTabs(rows: SheetRows, { now, zone }: Moment): Tab[] {
    const kept = layout(
      { ...rows, ...status.kept(rows, now) },
      settingsIn(zone),
      status.keptAt(now),
    );
    state.unshown = unshownIn(kept);
    return kept;
  }

  /** The Status tab's times move on only with something else, or when they have grown old. */
  function tabsFor(rows: SheetRows, { found, now, zone, kept }: Looked): readonly Tab[] {
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
    const statusAlone = {
      ...settingsIn(zone),
      tabs: given.tabs.filter((name) => name === "status"),
    };
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
    const there = tabOf(tabs, { name: "status", title: given.titles.status });
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
}
