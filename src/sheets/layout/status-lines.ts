import { agoMs } from "../../lib/clock.ts";
import type { SheetRows, StatusItem } from "./sheet-rows.ts";

/**
 * What the Status tab says. Times move on with every look, so they are kept as they were written until
 * something else changes or `everyMs` is over: a sheet that is up to date is not written.
 */
export function statusLines(everyMs: number) {
  const notes = new Map<string, StatusItem>();
  let written: { items: readonly StatusItem[]; at: Date; said: string } | undefined;
  return { kept, keptAt, renewed, note };

  /** False where it was said before. */
  function note(item: string, value: string, at: Date): boolean {
    const isNew = notes.get(item)?.value !== value;
    if (isNew) notes.set(item, { item, value, at: at.toISOString() });
    return isNew;
  }

  function kept({ status }: SheetRows, now: Date): Pick<SheetRows, "status"> {
    if (!status) return {};
    const isFresh =
      written &&
      agoMs(written.at.getTime(), now.getTime()) < everyMs &&
      written.said === saidBy(status);
    return isFresh && written ? { status: written.items } : renewed({ status }, now);
  }

  function keptAt(now: Date) {
    return written?.at ?? now;
  }

  function renewed({ status }: Pick<SheetRows, "status">, now: Date): Pick<SheetRows, "status"> {
    if (!status) return {};
    const lastSync = {
      item: "Last sync",
      value: "this tab is as new as this",
      at: now.toISOString(),
    };
    written = { items: [lastSync, ...status, ...notes.values()], at: now, said: saidBy(status) };
    return { status: written.items };
  }
}

const saidBy = (items: readonly StatusItem[]) =>
  JSON.stringify(items.map(({ item, value }) => [item, value]));
