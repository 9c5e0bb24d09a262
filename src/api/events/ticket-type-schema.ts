import { z } from "@hono/zod-openapi";
import type { TicketTypeRow } from "../../projections/queries/rows.ts";
import { ticketClasses } from "../../rules/classify.ts";
import { valueExample, valueSchema } from "./value-schema.ts";

const text = (description: string, example: string) => z.string().openapi({ description, example });
const flag = (description: string, example: boolean) =>
  z.boolean().openapi({ description, example });
const tickets = (description: string, example: number) =>
  z
    .int()
    .nullable()
    .openapi({
      description: `${description} In tickets; null until the event was counted once, and where it holds other events.`,
      example,
    });

export const TicketType = z
  .object({
    eventId: text("The id of its event.", "68f000000000000000000001"),
    eventName: text("As Vivenu has it.", "HYROX Frankfurt"),
    region: text("The account that sells it, by its region.", "DACH"),
    timezone: text(
      "The event's own, as IANA names it; null means UTC.",
      "Europe/Berlin",
    ).nullable(),
    eventDate: z.iso
      .datetime()
      .openapi({ description: "When the race begins.", example: "2026-09-12T06:00:00.000Z" }),
    ticketTypeId: text("Vivenu's id.", "68f0000000000000000000a1"),
    ticketName: text("As Vivenu has it.", "HYROX MEN | Saturday"),
    class: text("What it is, by the service's rules or the operator's word.", "race").openapi({
      enum: [...ticketClasses],
    }),
    inTotals: flag("Whether the event's totals hold it.", true),
    active: flag("Whether it is switched on.", true),
    removed: flag("The event no longer has it.", false),
    price: z.number().nullable().openapi({
      description: "In major units of `currency`; null until that is known.",
      example: 109.9,
    }),
    currency: text("ISO 4217: the event's.", "EUR").nullable(),
    capacity: z.int().nullable().openapi({
      description: "Its amount, in tickets. Null where the event holds others.",
      example: 600,
    }),
    sold: tickets("Sold through every shop.", 412),
    soldDirect: tickets("Of these, through no undershop.", 398),
    soldUnderShop: tickets("Of these, through undershops.", 14),
    allocatedUnderShop: z
      .int()
      .openapi({ description: "Tickets that undershops may sell of it.", example: 40 }),
    reserved: tickets("Reserved and not paid.", 3),
    complimentary: tickets("Of the sold ones, those given for nothing.", 2),
    replaced: tickets(
      "Of the sold ones, those that took over a place sold before: by transfer, rebooking, upgrade or resale.",
      11,
    ),
    available: tickets("What is left under its own, its category's and the event's amount.", 188),
    availableToBuy: tickets(
      "The same; 0 while it is switched off or its event has no public sale, whatever is left of it.",
      188,
    ),
    oversold: tickets("By how much what is held against its amount exceeds that.", 0),
    percentSold: z.number().nullable().openapi({
      description:
        "Of what is held against its amount, in percent, 0 to 100 with two decimals; above 100 where more was sold than there is. Null until the event was counted once, and where there is no amount.",
      example: 66.33,
    }),
    value: valueSchema("What its sold tickets were sold for, and their list value."),
    lastUpdated: z.iso.datetime().openapi({
      description:
        "Since when the row has said what it says, by Vivenu's facts. An instant in UTC.",
      example: "2026-02-12T11:00:07.000Z",
    }),
  })
  .openapi("TicketType") satisfies z.ZodType<TicketTypeRow>;

export const ticketTypeExample: TicketTypeRow = {
  eventId: "68f000000000000000000001",
  eventName: "HYROX Frankfurt",
  region: "DACH",
  timezone: "Europe/Berlin",
  eventDate: "2026-09-12T06:00:00.000Z",
  ticketTypeId: "68f0000000000000000000a1",
  ticketName: "HYROX MEN | Saturday",
  class: "race",
  inTotals: true,
  active: true,
  removed: false,
  price: 109.9,
  currency: "EUR",
  capacity: 600,
  sold: 412,
  soldDirect: 398,
  soldUnderShop: 14,
  allocatedUnderShop: 40,
  reserved: 3,
  complimentary: 2,
  replaced: 11,
  available: 188,
  availableToBuy: 188,
  oversold: 0,
  percentSold: 66.33,
  value: valueExample,
  lastUpdated: "2026-02-12T11:00:07.000Z",
};

export const ticketTypeFields = Object.keys(TicketType.shape);
