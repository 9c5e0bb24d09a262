import { z } from "zod";
import { fault, type Settings } from "../faults/board.ts";

const on = z.enum(["ingest", "read", "buckets", "resources", "pathways"]).optional();
const ms = z.int().nonnegative();
const failure = {
  /** `timeout` says nothing, for `holdMs` or until the caller gives up; `reset` cuts the connection. */
  status: z.literal([409, 429, 500, 502, 503, 504, "timeout", "reset"]),
  holdMs: ms.optional(),
  retryAfterS: ms.optional(),
};
const copies = z.int().min(1).max(10).default(1);

export const catalogue = {
  /** Of each fact: it is stored, but not read before its delay is over; different delays change the order. */
  visibilityDelay: fault({ minMs: ms.default(0), maxMs: ms }).refine(
    ({ minMs, maxMs }) => minMs <= maxMs,
    { error: "must not be less than minMs", path: ["maxMs"] },
  ),
  /** Of each request to ingest: one of so many writers takes it, and stamps ids and hours by its own clock. */
  clockSkew: fault({ skewsMs: z.array(z.int()).min(1) }),
  duplicateSameId: fault({ copies }),
  duplicateNewId: fault({ copies }),
  /** Of each fact: its id is answered, and it is not stored. */
  silentDrop: fault({}),
  /** A page holds fewer events than there are, and a cursor. */
  shortPages: fault({}),
  /** A page without events but with a cursor; what follows on that cursor is not empty for the same reason. */
  emptyPages: fault({}),
  /** The last page carries a cursor too, behind which there is nothing. */
  danglingCursor: fault({}),
  slowPages: fault({
    msPerEvent: z.number().nonnegative(),
    hangAbove: z.int().positive().optional(),
  }),
  failBefore: fault({ on, ...failure }),
  failAfter: fault(failure),
  html: fault({ on }),
  /** The list of buckets is as old as that. */
  bucketLag: fault({ ms: z.int().positive() }),
  /** Of each look: commands are handed out that were reported before. */
  commandsRepeated: fault({}),
  /** An older control plane says nothing of what is paused. */
  deliveryStateUnsaid: fault({}),
  revokedKey: fault({ on }),
  forbidden: fault({ on }),
};

export type DatacoreFaultSettings = Settings<typeof catalogue>;

export type Place = z.output<typeof on>;
export type Failure = z.output<z.ZodObject<typeof failure>>;
