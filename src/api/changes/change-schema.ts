import { z } from "@hono/zod-openapi";
import type { ChangedCell, ChangeRow, ChangeType } from "../../projections/queries/row-types.ts";
import { changedFields, type ValueKind, valueKinds } from "../../rules/changed-fields.ts";
import { severities } from "../../rules/severity.ts";
import { IdKey, InstantKey } from "../request/cursor.ts";

/** Written as an object so that the compiler misses none. */
export const changeTypes = Object.keys({
  event: true,
  category: true,
  ticketType: true,
  underShop: true,
  nearlySoldOut: true,
  soldOut: true,
  paused: true,
  reopened: true,
} satisfies Record<ChangeType, true>);
export const fieldNames = Object.keys(changedFields);

/** Of each kind a field: who reads `was.places` has a number, whatever else changes. */
type ShownValue = { [Kind in ValueKind]?: (typeof valueTypes)[Kind] };
const valueTypes = { instant: "", money: 0, places: 0, percent: 0, text: "", flag: false };

const valueSchema = (when: string) =>
  z
    .object({
      instant: z.iso.datetime().optional().openapi({ description: "In UTC." }),
      money: z
        .number()
        .optional()
        .openapi({ description: "A price, in units of the change's `currency`." }),
      places: z.int().optional().openapi({ description: "Places or tickets." }),
      percent: z.number().optional().openapi({ description: "As `percentSold` has it." }),
      text: z.string().optional().openapi({ description: "As Vivenu has it." }),
      flag: z.boolean().optional().openapi({ description: "Whether it is so." }),
    })
    .nullable()
    .openapi({
      description: `What it ${when}: an object with one field, which is called as \`kind\` says. Null where there ${when} none, or nobody knows.`,
    });

const ChangedValue = z.union([z.string(), z.number(), z.boolean()]).nullable().openapi({
  description:
    "The same without its kind: a text, a number, a yes or no, or an instant in UTC. `was` and `is` have a type.",
});

const nullable = (description: string) => z.string().nullable().openapi({ description });

export const Change = z
  .object({
    id: z.string().openapi({
      description:
        "The same however often the rows are made anew. What becomes known late may take a change away, and others in its place have other ids.",
    }),
    eventId: z.string().openapi({ description: "Vivenu's id." }),
    eventName: z.string().openapi({ description: "What it is called now." }),
    region: z.string().openapi({ description: "The account that sells the event." }),
    timezone: nullable("The event's own, as IANA names it; null means UTC."),
    changeType: z.string().openapi({
      enum: changeTypes,
      description:
        "Whose description changed (`event`, `category`, `ticketType`, `underShop`), or what became of the places of an event or ticket type.",
    }),
    ticketTypeId: nullable("The ticket type that changed; null where it was the event."),
    ticketTypeName: nullable("What the ticket type was called then."),
    underShopId: nullable("The undershop that changed."),
    underShopName: nullable("What the undershop was called then."),
    field: z.string().openapi({
      enum: fieldNames,
      description:
        "What the two values are. `added` and `removed` have the ticket type's name; `maxAmount`, and the `amount` of a category, are null where there is no limit.",
    }),
    kind: z.string().openapi({
      enum: [...valueKinds],
      description: "What kind of value `field` has: the name of the one field of `was` and `is`.",
    }),
    was: valueSchema("was"),
    is: valueSchema("is"),
    currency: nullable("Of `was.money` and `is.money`; null where the values are no money."),
    isFirstCount: z.boolean().openapi({
      description:
        "It was so when a first count looked: since when it is, nobody knows. `firstCounts=false` leaves these out.",
    }),
    label: z.string().openapi({
      description:
        "`field` for people: it names the ticket type, the category or the undershop too.",
    }),
    previousValue: ChangedValue,
    newValue: ChangedValue,
    changedAt: z.iso
      .datetime()
      .openapi({ description: "When it was first observed, or when it was counted so." }),
    source: z.string().openapi({
      enum: ["webhook", "poll", "backfill"],
      description: "What told of it: a webhook, the reading of an account, or that of its past.",
    }),
    severity: z.string().openapi({
      enum: [...severities],
      description:
        "A launch moved later, a race moved to a later day of its own calendar, a name that says that something is cancelled or postponed, a ticket type that enters or leaves the totals or moves between categories, and an event that comes to hold others or holds them no longer, are critical; a launch moved earlier, a race moved to an earlier day, a name that says so no longer, and a whole event sold out, paused or reopened, are high; all else is medium.",
    }),
    categoryName: nullable("What the category was called then whose `amount` changed."),
  })
  .openapi("Change");

export type ShownChange = z.infer<typeof Change>;

export const changeExample: ShownChange = {
  id: "Zk3o0x7cT2mVbq1sY9LdPA",
  eventId: "68f000000000000000000001",
  eventName: "HYROX Frankfurt",
  region: "DACH",
  timezone: "Europe/Berlin",
  changeType: "soldOut",
  ticketTypeId: "68f0000000000000000000a1",
  ticketTypeName: "HYROX MEN | Saturday",
  underShopId: null,
  underShopName: null,
  field: "available",
  kind: "places",
  was: { places: 12 },
  is: { places: 0 },
  currency: null,
  isFirstCount: false,
  label: "available of HYROX MEN | Saturday",
  previousValue: 12,
  newValue: 0,
  changedAt: "2026-02-03T11:04:00.000Z",
  source: "poll",
  severity: "medium",
  categoryName: null,
};

/** With a value in every column that a table of changes has. */
export const changeInColumns: ShownChange = {
  ...changeExample,
  was: { ...valueTypes, instant: changeExample.changedAt },
  is: { ...valueTypes, instant: changeExample.changedAt },
};

/** What a cursor holds of a change's place. */
export const changePlace = [
  InstantKey,
  IdKey,
  z
    .string()
    .max(2_000)
    .refine((text) => text.isWellFormed() && !text.includes("\u0000")),
  IdKey,
] as const;

export const shownChange = ({
  subjectId,
  subjectName,
  fieldName,
  field: label,
  previousValue,
  newValue,
  kind,
  ...row
}: ChangeRow): ShownChange => {
  const isOfShop = row.changeType === "underShop";
  const isOfCategory = row.changeType === "category";
  const isOfType = !isOfShop && !isOfCategory;
  return {
    id: row.id,
    eventId: row.eventId,
    eventName: row.eventName,
    region: row.region,
    timezone: row.timezone,
    changeType: row.changeType,
    ticketTypeId: isOfType ? subjectId : null,
    ticketTypeName: isOfType ? subjectName : null,
    underShopId: isOfShop ? subjectId : null,
    underShopName: isOfShop ? subjectName : null,
    field: fieldName,
    kind,
    was: typedValue(kind, previousValue),
    is: typedValue(kind, newValue),
    currency: row.currency,
    isFirstCount: row.isFirstCount,
    label,
    previousValue: previousValue.value,
    newValue: newValue.value,
    changedAt: row.changedAt,
    source: row.source,
    severity: row.severity,
    categoryName: isOfCategory ? subjectName : null,
  };
};

const typedValue = (kind: ValueKind, { value }: ChangedCell): ShownValue | null =>
  value === null ? null : { [kind]: value };
