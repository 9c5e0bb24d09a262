import type { Sql } from "../database/connect.ts";

/*
 * What the kept descriptions are as columns. Versions are kept only if they can be read so: what a row
 * can not be made of must be refused whether or not a newer version makes the row.
 */

export const headColumns = (sql: Sql) => sql`
  name text, "eventType" text, "locationName" text, "locationCity" text, "locationCountry" text,
  timezone text, "createdAt" timestamptz, start timestamptz, "end" timestamptz,
  "sellStart" timestamptz, "sellEnd" timestamptz, "visibleAfter" timestamptz,
  "hideInListing" boolean, "maxAmount" integer, currency text, categories jsonb,
  "ticketTypeIds" text[], "underShopIds" text[]
`;

export const ticketTypeColumns = (sql: Sql) => sql`
  name text, "priceMinor" bigint, amount integer, active boolean, "categoryRef" text,
  "autoAdded" boolean, "ignoreForMaxAmounts" boolean, "conditionalAvailability" boolean,
  "hiddenInSelectionArea" boolean, allocations jsonb
`;

export const underShopColumns = (sql: Sql) => sql`
  name text, active boolean, "sellStart" timestamptz, "sellEnd" timestamptz,
  "inventoryStrategy" text, "maxAmount" integer, "customerTags" jsonb
`;
