import { events } from "./events.ts";
import { polls } from "./polls.ts";
import type { Projection } from "./projection.ts";
import { sales } from "./sales.ts";
import { type ShownOptions, shownRows } from "./shown-rows.ts";

/** What the log says, whoever operates this. */
export const projections: Projection[] = [events, sales, polls];

/** All that is kept: with what people read, which depends on what the operator decides. */
export const projectionsFor = (shown: ShownOptions): Projection[] => [
  ...projections,
  shownRows(shown),
];
