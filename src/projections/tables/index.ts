import { events } from "./events.ts";
import { polls } from "./polls.ts";
import type { Projection } from "./projection.ts";
import { sales } from "./sales.ts";

/** What the log says, whoever operates this. */
export const projections: Projection[] = [events, sales, polls];
