import { events } from "./event-projection.ts";
import { polls } from "./polls.ts";
import type { Projection } from "./projection.ts";
import { sales } from "./sales-projection.ts";

/** What the log says, whoever operates this. */
export const projections: Projection[] = [events, sales, polls];
