import { agoMs, type Clock } from "../../lib/clock.ts";
import { messageOf } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import type { StatusItem } from "../../sheets/layout/sheet-rows.ts";

/** Rows of their own, so that those of problems that are over are empty and no row moves. */
const SHOWN = 8;

interface SheetProblemsOptions {
  /** In sentences, as `/status` says them. */
  read: () => Promise<readonly string[]>;
  clock: Clock;
  logger: Logger;
  /** So long they stand as they were read: a sentence that counts seconds is not to be written each time. */
  everyMs: number;
}

/**
 * The lines on top of the sheet's Status tab: what is wrong, and since when this process knows it. Where that
 * cannot be read a line says so: the sheet is written all the same.
 */
export function sheetProblems({ read, clock, logger, everyMs }: SheetProblemsOptions) {
  let since: ReadonlyMap<string, string> = new Map();
  let last: { at: number; items: StatusItem[] } | undefined;

  return async (): Promise<StatusItem[]> => {
    const now = clock.now();
    if (last && agoMs(last.at, now.getTime()) < everyMs) return last.items;
    const problems = await read().catch((error) => {
      logger.warn({ reason: messageOf(error) }, "sheet.problems_unread");
      return ["What is wrong could not be read; /status says more."];
    });
    since = new Map(problems.map((text) => [text, since.get(text) ?? now.toISOString()]));
    last = { at: now.getTime(), items: itemsOf([...since]) };
    return last.items;
  };
}

function itemsOf(problems: readonly (readonly [text: string, at: string])[]): StatusItem[] {
  const isMore = problems.length > SHOWN;
  const shown = isMore ? problems.slice(0, SHOWN - 1) : problems;
  const lines = shown.map(([value, at]) => ({ value, at }));
  if (isMore)
    lines.push({ value: `${problems.length - shown.length} more; /status has them all`, at: "" });
  return Array.from({ length: SHOWN }, (_, index) => ({
    item: `Problem ${index + 1}`,
    value: lines[index]?.value ?? (problems.length === 0 && index === 0 ? "none" : null),
    at: lines[index]?.at || null,
  }));
}
