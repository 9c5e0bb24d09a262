const EVENT_DELETED = "event.deleted";

/** Types that describe an event: such a delivery is kept in the inbox and becomes facts. */
const descriptionTypes: readonly string[] = ["event.created", "event.updated", EVENT_DELETED];

/** Types that say that tickets of an event changed: such a delivery requests a recount, and is not kept. */
const recountTypes: readonly string[] = [
  "ticket.created",
  "ticket.updated",
  "transaction.complete",
  "transaction.canceled",
  "transaction.partiallyCanceled",
];

/** What a listener of ours is to be told of. Any other type that comes is only counted. */
export const listenedTypes = [...descriptionTypes, ...recountTypes];

export const isDescription = (type: string) => descriptionTypes.includes(type);

export const isDeletion = (type: string) => type === EVENT_DELETED;

/** `ticket.` of `ticket.created`; empty where there is none. */
const familyOf = (type: string) => type.slice(0, type.indexOf(".") + 1);

const recountFamilies = new Set(recountTypes.map(familyOf));

/** Of the types' other relatives as well, for an account may have a listener that somebody made by hand. */
export const requestsRecount = (type: string) => recountFamilies.has(familyOf(type));
