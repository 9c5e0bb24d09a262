import type { VivenuEvent } from "../vivenu/wire.ts";

export interface EventFilter {
  wants(account: string, event: Pick<VivenuEvent, "_id" | "name">): boolean;
  /** Whether an event of which nothing but the id could be read may be wanted. */
  mayWant(eventId: string | null): boolean;
}

export interface FilterOptions {
  /** What a wanted event's name contains, upper and lower case alike; `*` wants all. */
  name: string;
  /** Event ids that are wanted whatever their name. */
  include: string[];
  exclude: string[];
}

/** Sellers also hold season passes, gift cards, volunteer and test events: those are not read. */
export const eventFilter = ({ name, include, exclude }: FilterOptions): EventFilter => ({
  wants(_account, event) {
    if (exclude.includes(event._id)) return false;
    if (name === "*" || include.includes(event._id)) return true;
    return event.name.toLowerCase().includes(name.toLowerCase());
  },
  mayWant: (eventId) => eventId === null || !exclude.includes(eventId),
});
