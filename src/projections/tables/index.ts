import { events } from "./events.ts";
import { polls } from "./polls.ts";
import type { Projection } from "./projection.ts";
import { sales } from "./sales.ts";

export const projections: Projection[] = [events, sales, polls];
