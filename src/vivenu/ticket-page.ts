import { Failure } from "../lib/failure.ts";
import type { MalformedTicket } from "./list-items.ts";
import type { Ticket } from "./wire.ts";

export interface PageContent {
  tickets: Ticket[];
  /** Those of its tickets that cannot be read: they are there, and that is all that is known. */
  malformed: MalformedTicket[];
}

export const itemsIn = ({ tickets, malformed }: PageContent) => tickets.length + malformed.length;

export const idsOf = ({ tickets, malformed }: PageContent) => [
  ...tickets.map(({ _id }) => _id),
  ...malformed.flatMap(({ id }) => id ?? []),
];

export const both = (one: PageContent, other: PageContent): PageContent => ({
  tickets: [...one.tickets, ...other.tickets],
  malformed: [...one.malformed, ...other.malformed],
});

/** An answer that cannot be true, or that was true only for a moment: the reading ends incomplete. */
export const inconsistent = (reason: string) => new Failure("malformed", reason);

export const OF_ANOTHER_TIME = "a ticket of another time than was asked for";

/**
 * Tickets that do not fit what was asked for: one among others is broken, and set apart. Where they are
 * many the question was not understood, and nothing of the answer holds.
 */
export function setApart<Page extends PageContent>(
  page: Page,
  strange: (ticket: Ticket) => boolean,
  reason: string,
): Page {
  const strangers = page.tickets.filter(strange);
  if (strangers.length === 0) return page;
  if (2 * strangers.length >= itemsIn(page)) throw inconsistent(`a page holds ${reason}`);
  const broken = strangers.map(({ _id: id, eventId }) => ({
    id,
    eventId,
    createdAt: null,
    updatedAt: null,
    reason,
  }));
  return {
    ...page,
    tickets: page.tickets.filter((ticket) => !strange(ticket)),
    malformed: [...page.malformed, ...broken],
  };
}
