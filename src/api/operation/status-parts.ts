import { z } from "@hono/zod-openapi";

const Instant = z.iso.datetime();
const Count = z.int().nonnegative();

const Outcomes = z.record(z.string(), Count).openapi({
  description:
    "Requests by outcome, those that did not happen left out: `accepted` and `repeated` (kept before) are answered 200; `unsigned`, `stray` (the same at an address of no account) 401; `broken_off`, `malformed` 400; `too_large` 413; `wrong_mode` 422; `foreign`, `unavailable`, `keyless`, `busy`, `slow`, `failed` 503, after which Vivenu sends again.",
  example: { accepted: 41, repeated: 1 },
});

export const Webhooks = z.object({
  lastHour: Outcomes,
  lastDay: Outcomes,
});

export const LastPoll = z.object({
  startedAt: Instant.openapi({ description: "When it began." }),
  finishedAt: Instant.openapi({ description: "When it ended." }),
  seconds: z.number().nonnegative().openapi({ description: "How long it took." }),
  complete: z.boolean().openapi({ description: "Everything was read; else see `failures`." }),
  eventsRead: Count.openapi({ description: "Events that were described." }),
  eventsCounted: Count.openapi({ description: "Events whose tickets were counted." }),
  ticketsRead: Count.openapi({ description: "Tickets that were read for it." }),
  requests: Count.openapi({ description: "Requests to Vivenu that it took." }),
});

export const Summary = z
  .object({
    events: z.record(z.string(), Count).openapi({
      description: "How many events have which status now; a status that none has is left out.",
      example: { ON_SALE: 29, SOLD_OUT: 1, ENDED: 10 },
    }),
    notCounted: Count.openapi({
      description: "Of those that are neither over nor cancelled: how many have no numbers yet.",
    }),
    totalCapacity: z.int().openapi({ description: "Of events neither over nor cancelled." }),
    totalSold: z.int().openapi({ description: "Of the same." }),
    totalAvailable: z.int().openapi({ description: "Of the same." }),
  })
  .openapi({ description: "The season in a few numbers, by the rows that are kept." });
