import { z } from "zod";
import { Failure } from "../lib/failure.ts";
import {
  Amount,
  Flag,
  Id,
  listOf,
  OptionalAmount,
  OptionalCurrency,
  OptionalEventTime,
  OptionalId,
  OptionalPrice,
  OptionalText,
  OptionalTime,
  OptionalZone,
  Price,
  Text,
  Time,
} from "./fields.ts";

const TicketType = z.object({
  _id: Id,
  name: Text,
  price: Price,
  amount: Amount,
  active: z.boolean(),
  categoryRef: OptionalText,
  ignoreForMaxAmounts: Flag,
  conditionalAvailability: Flag,
  styleOptions: z.object({ hiddenInSelectionArea: Flag }).catch({ hiddenInSelectionArea: false }),
});

const UnderShop = z.object({
  _id: Id,
  name: Text.catch(""),
  active: Flag,
  /** `baseTicket` is the event's ticket type that the row sells; the row's own id means nothing to us. */
  tickets: listOf(z.object({ baseTicket: Id, amount: OptionalAmount, active: Flag })),
  /** `baseCategoryId` is the event's category of that `_id`, which its ticket types know by its `ref`. */
  categories: listOf(z.object({ baseCategoryId: Id, amount: Amount })),
  sellStart: OptionalEventTime,
  sellEnd: OptionalEventTime,
  inventoryStrategy: Text.catch("independent"),
  maxAmount: OptionalAmount,
  customerTags: listOf(Text),
});

/** The lists of an event that its description rests on. */
const LISTS = ["tickets", "categories", "groups", "cartAutomationRules", "underShops"] as const;

const EventFields = z.object({
  _id: Id,
  sellerId: OptionalId,
  name: Text,
  eventType: Text.catch("SINGLE"),
  rootId: OptionalId,
  childEvents: listOf(Id),
  locationName: OptionalText,
  locationCity: OptionalText,
  locationCountry: OptionalText,
  timezone: OptionalZone,
  createdAt: OptionalEventTime,
  updatedAt: OptionalEventTime,
  start: Time,
  end: Time,
  sellStart: OptionalEventTime,
  sellEnd: OptionalEventTime,
  visibleAfter: OptionalEventTime,
  hideInListing: Flag,
  maxAmount: OptionalAmount,
  tickets: z.array(TicketType).default([]),
  categories: listOf(
    z.object({
      _id: OptionalId,
      ref: Text.check(z.minLength(1)),
      name: Text.catch(""),
      amount: OptionalAmount,
    }),
  ),
  groups: listOf(z.object({ _id: Id, name: Text.catch(""), tickets: listOf(Id) })),
  cartAutomationRules: listOf(
    z.object({
      triggerTargetGroup: OptionalId,
      /** `autoAdd` puts it into the cart, of `chooseFrom` the buyer chooses. */
      thenType: Text.catch("autoAdd"),
      thenTargets: listOf(z.object({ thenTargetGroup: Id })),
    }),
  ),
  underShops: listOf(UnderShop),
});

/**
 * An event as the list, a single read and a webhook give it. No sold count, no currency, no status. `unsaid` are
 * the lists that are not there, or are none: an empty one says that there is nothing in it.
 */
export const VivenuEvent = z
  .record(z.string(), z.unknown())
  .transform((raw) => ({ ...raw, unsaid: LISTS.filter((name) => !Array.isArray(raw[name])) }))
  .pipe(EventFields.extend({ unsaid: z.array(z.enum(LISTS)) }));

/**
 * Vivenu documents five; a sixth is read as it is, so that its ticket is neither taken for sold nor
 * lost: it counts as unknown. What is not even a word is no status.
 */
const TicketStatus = z.string().regex(/^[A-Za-z][A-Za-z_]{0,39}$/, "not a status");

/**
 * A ticket as far as counting needs it. Its holder, its secret and its barcode are dropped here and
 * go no further; of ids that lead to a person only whether they are there is kept.
 */
export const Ticket = z
  .object({
    _id: Id,
    eventId: Id,
    ticketTypeId: Id,
    status: TicketStatus,
    createdAt: Time,
    updatedAt: OptionalTime,
    origin: OptionalText,
    underShopId: OptionalId,
    originTicketId: OptionalId,
    triggeredBy: z.array(z.unknown()).catch([]),
    transactionId: z.unknown().optional(),
    realPrice: OptionalPrice,
    regularPrice: OptionalPrice,
    currency: OptionalCurrency,
    deliveryType: OptionalText,
    type: OptionalText,
    addOns: listOf(z.object({ name: Text })),
  })
  .transform(({ triggeredBy, transactionId, addOns, ...ticket }) => ({
    ...ticket,
    updatedAt: ticket.updatedAt ?? ticket.createdAt,
    hasTrigger: triggeredBy.length > 0,
    /** Vivenu writes `""` where nobody bought it: a free or a back-office ticket. */
    hasEmptyTransaction: transactionId === "",
    addOns: addOns.map(({ name }) => name),
  }));

/** Which event a ticket is of, and what became of it: nothing else is looked at. */
export const TicketStanding = z.object({ _id: Id, eventId: Id, status: TicketStatus });

/** The owner of an API key; Vivenu does not say what else the answer holds. */
export const Seller = z.object({ _id: OptionalId, currency: OptionalCurrency });

/** Vivenu's longest is half as long, and PostgreSQL's indexes hold no text of thousands of letters. */
const DeliveryType = Text.refine((type) => type.length <= 100, "longer than 100 letters");

/** What an event says of whose it is, whatever else is wrong with it. */
export const Owned = z.object({ sellerId: OptionalId });

/** A webhook's body. `data` is as it came: what is in it depends on `type`. */
export const Delivery = z.object({
  id: OptionalText,
  sellerId: OptionalId,
  webhookId: OptionalId,
  type: DeliveryType,
  mode: z.enum(["prod", "dev"]),
  data: z.record(z.string(), z.unknown()),
});

export const List = z.object({ rows: z.array(z.unknown()), total: z.int().nonnegative() });
export const isList = (answer: unknown) => List.safeParse(answer).success;

/** One thing of Vivenu's, whatever else is wrong with it. */
const Record = z.object({ _id: z.string() });
export const isRecord = (answer: unknown) => Record.safeParse(answer).success;
/** Undocumented: Vivenu may leave the id out. */
export const isSeller = (answer: unknown) =>
  z.union([Record, z.object({ currency: z.string() })]).safeParse(answer).success;

export type VivenuEvent = z.infer<typeof VivenuEvent>;
export type Ticket = z.infer<typeof Ticket>;
export type TicketStanding = z.infer<typeof TicketStanding>;
export type Seller = z.infer<typeof Seller>;
export type Delivery = z.infer<typeof Delivery>;

/** What is wrong and where: the names of fields, never what is in them. */
export const reasonOf = ({ issues }: z.ZodError) =>
  issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join(".") || "answer"}: ${message}`)
    .join("; ")
    .slice(0, 300);

export function parse<Schema extends z.ZodType>(
  schema: Schema,
  answer: unknown,
  { what, ...context }: { what: string; [field: string]: unknown },
): z.infer<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new Failure("malformed", `${what} cannot be read: ${reasonOf(parsed.error)}`, context);
}
