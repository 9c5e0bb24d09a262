import { z } from "zod";
import { GridRange, type Sheet } from "./document.ts";

const PARTS = ["red", "green", "blue"] as const;

/** A colour's parts are numbers from 0 to 1; whatever else was sent is not shown. */
export function colourOf(color: Record<string, unknown> | undefined): string | undefined {
  if (!color) return undefined;
  const parts = PARTS.map((name) => Math.round(Number(color[name] ?? 0) * 255));
  return parts.every(Number.isFinite) ? `rgb(${parts.join(",")})` : undefined;
}

const Color = z.record(z.string(), z.number());
const Point = z.looseObject({ type: z.literal("NUMBER"), value: z.string(), color: Color });
const Rule = z.looseObject({
  ranges: z.array(GridRange),
  gradientRule: z.looseObject({ minpoint: Point, midpoint: Point.optional(), maxpoint: Point }),
});
type Gradient = z.infer<typeof Rule>["gradientRule"];

/** The colour scales of a tab: for a cell, what colours its number. Other rules are not shown. */
export function scalesOf({ conditionalFormats }: Sheet) {
  const rules = conditionalFormats.flatMap((rule) => Rule.safeParse(rule).data ?? []);
  return (row: number, column: number) => {
    const rule = rules.find(({ ranges }) => ranges.some((range) => isWithin(range, row, column)));
    if (!rule) return undefined;
    return (value: number | undefined) =>
      value === undefined ? undefined : between(rule.gradientRule, value);
  };
}

const isWithin = (range: GridRange, row: number, column: number) =>
  row >= (range.startRowIndex ?? 0) &&
  row < (range.endRowIndex ?? Number.POSITIVE_INFINITY) &&
  column >= (range.startColumnIndex ?? 0) &&
  column < (range.endColumnIndex ?? Number.POSITIVE_INFINITY);

function between({ minpoint, midpoint, maxpoint }: Gradient, value: number) {
  if (!midpoint) return mixed({ minpoint, maxpoint }, value);
  return value < Number(midpoint.value)
    ? mixed({ minpoint, maxpoint: midpoint }, value)
    : mixed({ minpoint: midpoint, maxpoint }, value);
}

function mixed({ minpoint, maxpoint }: Pick<Gradient, "minpoint" | "maxpoint">, value: number) {
  const [low, high] = [Number(minpoint.value), Number(maxpoint.value)];
  const part = Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
  const mix = Object.fromEntries(
    PARTS.map((name) => [
      name,
      (minpoint.color[name] ?? 0) * (1 - part) + (maxpoint.color[name] ?? 0) * part,
    ]),
  );
  return colourOf(mix);
}
