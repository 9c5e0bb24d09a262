import { z } from "@hono/zod-openapi";
import type { UnderShopRow } from "../../projections/queries/row-types.ts";

const Instant = z.iso.datetime().nullable();
const Places = z.int().nullable();

export const UnderShop = z
  .object({
    underShopId: z.string().openapi({ description: "Vivenu's id." }),
    underShopName: z.string().openapi({ description: "As Vivenu has it." }),
    active: z.boolean().openapi({ description: "Whether it is switched on." }),
    inventoryStrategy: z.string().openapi({
      description:
        "`independent` where it has amounts of its own; else it sells of the event's, as Vivenu names it.",
    }),
    allocation: Places.openapi({
      description:
        "Places that it may sell over all its ticket types, or by its limits for categories and its own where these are lower; null where Vivenu sets none.",
    }),
    sold: Places.openapi({ description: "Null until the event was counted by shop." }),
    left: Places.openapi({ description: "Neither sold nor reserved; never below 0." }),
    salesStart: Instant.openapi({
      description: "When its sale begins, UTC; null where Vivenu sets no beginning.",
    }),
    salesEnd: Instant.openapi({ description: "When it ends; null where Vivenu sets no end." }),
  })
  .openapi("UnderShop");

export type ShownUnderShop = z.infer<typeof UnderShop>;

export const underShopExample: ShownUnderShop = {
  underShopId: "68f0000000000000000000c1",
  underShopName: "HYROX Club Presale",
  active: true,
  inventoryStrategy: "dependent",
  allocation: 200,
  sold: 180,
  left: 20,
  salesStart: "2026-01-08T11:00:00.000Z",
  salesEnd: "2026-01-14T11:00:00.000Z",
};

/** Of one event, which says the rest itself. */
export const shownUnderShop = ({
  eventId: _eventId,
  eventName: _eventName,
  region: _region,
  timezone: _timezone,
  eventDate: _eventDate,
  ...shop
}: UnderShopRow): ShownUnderShop => shop;
