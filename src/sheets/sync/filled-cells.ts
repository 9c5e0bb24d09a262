import type { Found, FoundCell, FoundTab, Spreadsheet } from "../google/spreadsheet.ts";
import { heightOf, widthOf } from "../match/place.ts";
import type { TabPlan } from "./plan.ts";

/**
 * The tabs with what people's formulas and pivot tables fill beside and below what was typed, where new columns or
 * rows would come there: a formula that finds something in its way shows nothing but an error. The same where
 * nothing of that kind is planned, and nobody is asked.
 */
export async function withFilled(
  spreadsheet: Spreadsheet,
  plans: readonly TabPlan[],
  found: Found,
): Promise<Found> {
  const growing = new Set(
    plans
      .filter(({ isWidened, writes }) => isWidened || writes.some(({ isNew }) => isNew))
      .map(({ sheetId }) => sheetId),
  );
  const asked = found.tabs.filter(
    (tab) => growing.has(tab.sheetId) && !tab.filled && tab.rows.some((row) => row.some(fills)),
  );
  if (asked.length === 0) return found;
  const filledIn = await spreadsheet.readFilled(
    asked.map((tab) => ({ ...tab, row: heightOf(tab.rows), column: widthOf(tab.rows) })),
  );
  const tabs = found.tabs.map((tab): FoundTab => {
    const filled = filledIn.get(tab.sheetId);
    return filled ? { ...tab, filled } : tab;
  });
  return { ...found, tabs };
}

/** Of ours only small charts are formulas, and each fills its own cell alone. */
const fills = ({ isFormula, isPivot, value }: FoundCell) =>
  isPivot === true || (isFormula && !/^=SPARKLINE\(/i.test(String(value)));
