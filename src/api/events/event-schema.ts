import { z } from "@hono/zod-openapi";
import type { Pace } from "../../projections/queries/row-types.ts";
import type { EventRow } from "../../projections/queries/rows.ts";
import { statuses } from "../request/query.ts";
import { PaceSchema, paceExample } from "./pace-schema.ts";
import { valueExample, valueSchema } from "./value-schema.ts";

const instant = (description: string, example: string) =>
  z.iso.datetime().openapi({ description: `${description} An instant in UTC.`, example });
const places = (description: string, example: number) =>
  z
    .int()
    .nullable()
    .openapi({ description: `${description} In places.`, example });
const text = (description: string, example: string) => z.string().openapi({ description, example });

const NOT_COUNTED = "Null until the event was counted once, and where it holds other events.";

export const Event = z
  .object({
    eventId: text("Vivenu's id.", "68f000000000000000000001"),
    region: text("The account that sells it, by its region.", "DACH"),
    eventName: text("As Vivenu has it.", "HYROX Frankfurt"),
    eventType: text(
      "Vivenu's: `SINGLE` or `RECURRENCE`. `GROUP` and `ROOT` hold other events: what they sell these sell, so that they have no numbers of their own.",
      "SINGLE",
    ),
    childEventIds: z.array(z.string()).openapi({
      description: "The ids of the events that it holds, each an event like any other.",
      example: [],
    }),
    eventDate: instant("When the race begins.", "2026-09-12T06:00:00.000Z"),
    eventEndDate: instant("When it ends.", "2026-09-13T18:00:00.000Z"),
    timezone: text(
      "The event's own, as IANA names it; null means UTC.",
      "Europe/Berlin",
    ).nullable(),
    location: text("Venue, city and country code.", "Messe Frankfurt, Frankfurt, DE").nullable(),
    salesLaunchDate: instant("When the public sale begins.", "2026-02-03T11:00:00.000Z").nullable(),
    salesEndDate: instant("When it ends.", "2026-09-10T22:00:00.000Z").nullable(),
    status: text(
      "`PAUSED`: within its sale's window, and all places that are left are in ticket types that are switched off. `GROUP`: it holds other events, each with a status of its own. It turns with time alone.",
      "ON_SALE",
    ).openapi({ enum: statuses }),
    presale: z
      .boolean()
      .openapi({ description: "A shop sells before the public launch.", example: false }),
    limited: z
      .boolean()
      .openapi({ description: "On sale, and 80 % or more are gone.", example: false }),
    currency: text(
      "ISO 4217: what its tickets name. Null while they disagree, or while there are none and its account sells in several.",
      "EUR",
    ).nullable(),
    totalCapacity: places("Null, as all numbers are, where it holds other events.", 9300),
    totalSold: places(`Sold race entries, charity places among them. ${NOT_COUNTED}`, 5431),
    totalAvailable: places(
      `What the capacity leaves, also of ticket types that are switched off. ${NOT_COUNTED}`,
      3869,
    ),
    availableToBuy: places(
      `Of \`totalAvailable\`, what ticket types that are switched on leave; 0 while there is no public sale. ${NOT_COUNTED}`,
      3410,
    ),
    reserved: places(
      `Reserved and unpaid tickets of the types in the totals. Always: \`totalCapacity\` = \`totalSold\` + \`reserved\` + \`heldForUnderShops\` + \`totalAvailable\` - \`oversoldPlaces\`. ${NOT_COUNTED}`,
      12,
    ),
    heldForUnderShops: places(
      `Places of the capacity that other tickets took, through undershops or not: of types that are not in the totals, or removed, where they share a category's or the event's amount with those that are. ${NOT_COUNTED}`,
      0,
    ),
    oversoldPlaces: places(
      `Tickets in the totals, sold or reserved, that took no place of the capacity: of a type beyond its amount, or sold by an independent undershop of an amount of its own. ${NOT_COUNTED}`,
      12,
    ),
    charityCapacity: places(
      "Of the capacity, the charity places. Null where it holds other events.",
      400,
    ),
    charitySold: places(`Of what is sold, the charity places. ${NOT_COUNTED}`, 212),
    charityAvailable: places(`Of what is available, the charity places. ${NOT_COUNTED}`, 188),
    percentSold: z
      .number()
      .nullable()
      .openapi({
        description: `In percent, 0 to 100 with two decimals; above 100 where more was sold than there is. ${NOT_COUNTED}`,
        example: 58.4,
      }),
    oversold: places(`By how much \`totalSold\` exceeds \`totalCapacity\`. ${NOT_COUNTED}`, 0),
    value: valueSchema("What the tickets in its totals were sold for, and their list value."),
    countedAt: instant(
      "When the count that the numbers are of began: the newest that read every ticket.",
      "2026-02-12T11:00:04.000Z",
    ).nullable(),
    countComplete: z.boolean().nullable().openapi({
      description:
        "Whether the newest count read every ticket. False: a newer one could not, and the numbers are still those of `countedAt`. Null until there is any count.",
      example: true,
    }),
    lastUpdated: instant(
      "Since when the row has said what it says, by Vivenu's facts.",
      "2026-02-12T11:00:07.000Z",
    ),
  })
  .openapi("Event") satisfies z.ZodType<EventRow>;

export const eventExample: EventRow = {
  eventId: "68f000000000000000000001",
  region: "DACH",
  eventName: "HYROX Frankfurt",
  eventType: "SINGLE",
  childEventIds: [],
  eventDate: "2026-09-12T06:00:00.000Z",
  eventEndDate: "2026-09-13T18:00:00.000Z",
  timezone: "Europe/Berlin",
  location: "Messe Frankfurt, Frankfurt, DE",
  salesLaunchDate: "2026-02-03T11:00:00.000Z",
  salesEndDate: "2026-09-10T22:00:00.000Z",
  status: "ON_SALE",
  presale: false,
  limited: false,
  currency: "EUR",
  totalCapacity: 9300,
  totalSold: 5431,
  totalAvailable: 3869,
  availableToBuy: 3410,
  reserved: 12,
  heldForUnderShops: 0,
  oversoldPlaces: 12,
  charityCapacity: 400,
  charitySold: 212,
  charityAvailable: 188,
  percentSold: 58.4,
  oversold: 0,
  value: valueExample,
  countedAt: "2026-02-12T11:00:04.000Z",
  countComplete: true,
  lastUpdated: "2026-02-12T11:00:07.000Z",
};

export const EventWithPace = Event.extend({
  pace: PaceSchema,
}).openapi("EventWithPace") satisfies z.ZodType<EventRow & { pace: Pace }>;

export const eventWithPaceExample = { ...eventExample, pace: paceExample };

export const eventFields = Object.keys(EventWithPace.shape);
