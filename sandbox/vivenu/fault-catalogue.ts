import { z } from "zod";
import { fault, type Settings } from "../faults/board.ts";
import { SELLERS } from "./accounts.ts";

/** The lists of events and of tickets, or any other call. */
const on = z.enum(["events", "tickets", "other"]).optional();
const account = z.enum(SELLERS.map(({ region }) => region)).optional();
const topAbove = z.int().nonnegative().optional();
const where = { on, account };
const ms = z.int().nonnegative();
const few = z.int().min(0).max(100);

export const catalogue = {
  throttle: fault({
    ...where,
    /** Without it there is no `Retry-After`. */
    retryAfterS: z.int().nonnegative().optional(),
    retryAfterAs: z.enum(["seconds", "date"]).default("seconds"),
  }),
  unavailable: fault({
    ...where,
    status: z.literal([500, 502, 503, 504]).default(503),
    /** Only requests with a `top` above it. */
    topAbove,
  }),
  hang: fault({ ...where, topAbove, holdMs: z.int().nonnegative().optional() }),
  reset: fault(where),
  truncatedJson: fault(where),
  html: fault(where),
  refused: fault({ ...where, status: z.literal([401, 403]).default(401) }),
  /** Lists in an order that has nothing to do with time; unless `stable`, each page in one of its own. */
  unsorted: fault({ ...where, stable: z.boolean().default(true) }),
  /** The list of tickets has one only so long after it was made; each ticket's delay is its own. */
  lateTickets: fault({ account, minMs: ms.default(0), maxMs: ms }).refine(
    ({ minMs, maxMs }) => minMs <= maxMs,
    { error: "must not be less than minMs", path: ["maxMs"] },
  ),
  /** A list of what changed since has so many of them at most, by its total as well. */
  missingChanges: fault({ ...where, atMost: few.default(0) }),
  wrongTotals: fault({ ...where, by: z.int().optional() }),
  /** After a page of tickets is read, tickets of an event on it are sold and refunded. */
  changingTickets: fault({ account, sales: few.default(1), refunds: few.default(0) }),
  /** After a page of events is read, one of them is copied so many times. */
  changingEvents: fault({ account, copies: few.default(1) }),
};

export type VivenuFaultSettings = Settings<typeof catalogue>;

/** What a rule is limited to, by the names above. */
export interface Where {
  on?: z.output<typeof on>;
  account?: string | undefined;
}
