import type { VivenuEvent } from "../../vivenu/wire.ts";

export interface EventFilter {
  wants(account: string, event: Pick<VivenuEvent, "_id" | "name">): boolean;
  /** Whether it is never read, whatever its name: no request is made for it, and nothing counted. */
  excludes(eventId: string): boolean;
  /** Whether an event that cannot be read is wanted; undefined where its name cannot be read either. */
  wantsUnreadable(event: { id: string | null; name: string | null }): boolean | undefined;
}

export interface FilterOptions {
  /** What a wanted event's name contains, upper and lower case alike; `*` wants all. */
  name: string;
  /** Event ids that are wanted whatever their name. */
  include: string[];
  exclude: string[];
}

/** Sellers also hold season passes, gift cards, volunteer and test events: those are not read. */
export function eventFilter({ name, include, exclude }: FilterOptions): EventFilter {
  const wantsUnreadable: EventFilter["wantsUnreadable"] = (event) => {
    if (event.id !== null && exclude.includes(event.id)) return false;
    if (name === "*" || (event.id !== null && include.includes(event.id))) return true;
    return event.name?.toLowerCase().includes(name.toLowerCase());
  };
  return {
    wants: (_account, { _id: id, name }) => wantsUnreadable({ id, name }) === true,
    excludes: (eventId) => exclude.includes(eventId),
    wantsUnreadable,
  };
}
