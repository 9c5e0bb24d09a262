import type { MalformedTicket } from "./list-items.ts";
import type { Stretch } from "./segments.ts";
import { inconsistent, type PageContent } from "./ticket-page.ts";
import type { Ticket } from "./wire.ts";

/** A ticket of which nothing can be read but its id and when it was created still has its place. */
type Placed = MalformedTicket & { id: string; createdAt: string };

const isPlaced = (broken: MalformedTicket): broken is Placed =>
  broken.id !== null && broken.createdAt !== null;

/** Those of a page that only the whole of a stretch of time tells: they are in it somewhere. */
export const placeless = ({ malformed }: PageContent) =>
  malformed.filter((broken) => !isPlaced(broken));

/** Without them: a page that does not hold all of its stretch will not be the last to hold them. */
export const onlyPlaced = ({ tickets, malformed }: PageContent): PageContent => ({
  tickets,
  malformed: malformed.filter(isPlaced),
});

/** Where it says to be of another time than was asked for, nothing is known of when. */
export function placedWithin(broken: MalformedTicket, { from, until }: Stretch): MalformedTicket {
  const time = Date.parse(broken.createdAt ?? "");
  return time >= from && time <= until ? broken : { ...broken, createdAt: null };
}

/** Those without an id stay: nothing says whether two of them are one. */
function distinct(lost: MalformedTicket[]): MalformedTicket[] {
  const ids = new Set<string>();
  return lost.filter(({ id }) => {
    const isRepeated = id !== null && ids.has(id);
    if (id !== null) ids.add(id);
    return !isRepeated;
  });
}

/** The tickets that a reading knows by now, those that cannot be read among them. */
export function knownTickets(resume: PageContent | undefined) {
  const tickets = new Map(resume?.tickets.map((ticket) => [ticket._id, ticket]));
  const broken = new Map(resume?.malformed.filter(isPlaced).map((one) => [one.id, one]));
  const lost = resume ? placeless(resume) : [];

  const isKnown = (id: string | null) => id !== null && (tickets.has(id) || broken.has(id));

  function isNew(id: string, createdAt: string) {
    const before = tickets.get(id) ?? broken.get(id);
    if (before && before.createdAt !== createdAt)
      throw inconsistent("a ticket changed the moment it was created");
    return !before;
  }

  return {
    /** Takes a page in; when those of it were created that were not known before. */
    add(page: PageContent): number[] {
      const placed = page.malformed.filter(isPlaced);
      const fresh = [
        ...page.tickets.filter(({ _id, createdAt }) => isNew(_id, createdAt)),
        ...placed.filter(({ id, createdAt }) => isNew(id, createdAt)),
      ];
      for (const ticket of page.tickets) {
        tickets.set(ticket._id, ticket);
        broken.delete(ticket._id);
      }
      for (const one of placed) {
        broken.set(one.id, one);
        tickets.delete(one.id);
      }
      return fresh.map(({ createdAt }) => Date.parse(createdAt));
    },
    /** Takes in those of a stretch that was read completely; it begins at `from`. */
    place(found: MalformedTicket[], from: number): number[] {
      lost.push(...found);
      return found.map(() => from);
    },
    /** Each ticket once: one that is also known from its own time does not stand for another here. */
    all: () => ({
      tickets: [...tickets.values()],
      malformed: [...broken.values(), ...distinct(lost).filter(({ id }) => !isKnown(id))],
    }),
  };
}

/** The instants at which what is known was created. */
export const timesOf = ({ tickets, malformed }: PageContent): number[] => {
  // Two pages may both have held a ticket.
  const distinct = new Map([
    ...tickets.map(({ _id, createdAt }: Ticket) => [_id, createdAt] as const),
    ...malformed.filter(isPlaced).map(({ id, createdAt }) => [id, createdAt] as const),
  ]);
  return [...distinct.values()].map((createdAt) => Date.parse(createdAt));
};
