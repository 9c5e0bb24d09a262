import { createHash } from "node:crypto";
import type { StoredEvent, TicketRow } from "./documents.ts";
import { fullName, holderOf } from "./holders.ts";
import { isObjectId, turned } from "./ids.ts";

/** What makes a document's ids out of a ticket's; `turned` back they can be searched by. */
const CUSTOMER = 5;
const CHECKOUT = 9;

export const customerIdOf = (transactionId: string) => turned(transactionId, CUSTOMER);
export const checkoutIdOf = (transactionId: string) => turned(transactionId, CHECKOUT);
/** Turning is its own inverse; a text that is no id turns into one that no transaction has. */
export const transactionOfCustomer = (id: string) => (isObjectId(id) ? customerIdOf(id) : "");
export const transactionOfCheckout = (id: string) => (isObjectId(id) ? checkoutIdOf(id) : "");
const barcodeOf = (id: string) => [...id].reverse().join("").toUpperCase();
export const idOfBarcode = (barcode: string) => [...barcode].reverse().join("").toLowerCase();

const cartItemIdOf = (id: string) =>
  `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(12, 15)}-a${id.slice(15, 18)}-c0ffee${id.slice(18, 24)}`;

function secretOf(id: string) {
  const hex = createHash("sha256").update(`secret ${id}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-b${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * A TicketResource, with everything in it that must never come through to the service's own data.
 * Probe: vivenu/ticket.
 */
export function ticketDocument(row: TicketRow, event: StoredEvent) {
  return {
    _id: row.id,
    sellerId: event.document.sellerId,
    ...holderFields(row, event),
    eventId: row.eventId,
    ticketTypeId: row.ticketTypeId,
    ticketName: row.ticketName,
    ...categoryFields(row, event),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    status: row.status,
    secret: secretOf(row.id),
    barcode: barcodeOf(row.id),
    currency: event.currency,
    regularPrice: row.regularPrice,
    realPrice: row.realPrice,
    type: "SINGLE",
    deliveryType: row.status === "BLANK" ? "HARD" : "VIRTUAL",
    ...saleFields(row),
    addOns: row.flex ? [flexAddOn(row.eventId)] : [],
    entryPermissions: [],
    excludedEventIds: [],
    claimed: false,
    expired: false,
    meta: {},
    history: historyOf(row),
  };
}

function saleFields(row: TicketRow) {
  const { transactionId } = row;
  return {
    transactionId: transactionId ?? "",
    ...(transactionId !== null && {
      customerId: customerIdOf(transactionId),
      checkoutId: checkoutIdOf(transactionId),
      checkoutItemId: turned(row.id, CHECKOUT),
    }),
    cartItemId: cartItemIdOf(row.id),
    triggeredBy: row.triggeredBy === null ? [] : [cartItemIdOf(row.triggeredBy)],
    ...(row.origin !== null && { origin: row.origin }),
    ...(row.underShopId !== null && { underShopId: row.underShopId }),
    ...(row.originTicketId !== null && { originTicketId: row.originTicketId }),
    ...(row.batch !== null && { batch: row.batch, batchCounter: row.batchCounter ?? 0 }),
  };
}

function categoryFields({ ticketTypeId }: TicketRow, { document }: StoredEvent) {
  const ref = document.tickets.find(({ _id }) => _id === ticketTypeId)?.categoryRef;
  const category = document.categories.find((one) => one.ref === ref);
  return category ? { categoryRef: category.ref, categoryName: category.name } : {};
}

function holderFields({ id, holder }: TicketRow, { document }: StoredEvent) {
  const country = document.locationCountry ?? "DE";
  if (holder === null) return { country, personalized: false, extraFields: {} };
  const { firstname, lastname } = holderOf(holder);
  return {
    name: fullName({ firstname, lastname }),
    firstname,
    lastname,
    email: `${firstname}.${lastname}.${id.slice(-6)}@example.com`.toLowerCase(),
    street: `Made-up Street ${1 + (holder % 97)}`,
    city: "Nowhere",
    postal: String(10_000 + holder),
    country,
    personalized: true,
    extraFields: {
      birth_date: `19${70 + (holder % 30)}-0${1 + (holder % 9)}-1${holder % 10}`,
      gender: holder % 2 === 0 ? "female" : "male",
      nationality: country,
      phone: `+00 555 01${String(holder).padStart(4, "0")}`,
      emergency_contact: fullName(holderOf(holder + 7)),
      gym: `Gym Nowhere ${holder % 31}`,
    },
  };
}

const flexAddOn = (eventId: string) => ({
  productId: turned(eventId, 3),
  productVariantId: turned(eventId, 6),
  name: "Flex Add-On",
});

function historyOf({ id, createdAt, updatedAt, status }: TicketRow) {
  const entry = (type: string, at: Date, by: number) => ({
    type,
    date: at.toISOString(),
    _id: turned(id, by),
  });
  return [
    entry("ticket.created", createdAt, 10),
    ...(status === "INVALID" ? [entry("ticket.invalidated", updatedAt, 12)] : []),
  ];
}
