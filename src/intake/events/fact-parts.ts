import type { NewFact, SalesCounted, TicketTypeCount } from "../../contracts/index.ts";
import { MAX_FACT_BYTES } from "../../datacore/outbox.ts";
import { Failure } from "../../lib/failure.ts";
import type { Description } from "../store/events-seen.ts";

/** Hours of one ticket type in one piece: about 30 kB, so that a piece always fits beside a head. */
const HOURS_A_PIECE = 1_200;
/** For the key, the part numbers and commas between pieces. */
const SPARE_BYTES = 400;

interface Subject {
  key: string;
  account: string;
  source: "webhook" | "poll" | "backfill";
  observedAt: string;
}

/**
 * An event's facts: one, or as many parts as its ticket types and undershops need. Throws `malformed`
 * when one of them alone is too large for a fact.
 */
export function eventFacts(
  { key, ...envelope }: Subject,
  updatedAt: string | null,
  description: Description,
): NewFact[] {
  const { ticketTypes, underShops, ...rest } = description;
  const head = { ...envelope, ...rest, updatedAt };
  const pieces = [
    ...ticketTypes.map((content) => ({ content, list: "ticketTypes" as const })),
    ...underShops.map((content) => ({ content, list: "underShops" as const })),
  ];
  const packed = pack(pieces, ({ content }) => content, head);
  return packed.map((part, index) => ({
    eventType: "event.updated.0",
    payload: {
      ...head,
      idempotencyKey: partKey(key, index),
      part: { number: index + 1, of: packed.length },
      ticketTypes: part.flatMap((p) => (p.list === "ticketTypes" ? p.content : [])),
      underShops: part.flatMap((p) => (p.list === "underShops" ? p.content : [])),
    },
  }));
}

type Count = Omit<SalesCounted, "idempotencyKey" | "part" | "account" | "source" | "observedAt">;

/** A count's facts: a long hourly history is split by ticket type, and within one by hours. */
export const countFacts = (subject: Subject, count: Count): NewFact[] =>
  packedCount(subject, count).map((payload) => ({ eventType: "sales.counted.0", payload }));

/** The same of a complete count that names the ticket types that changed. */
export const changeFacts = (subject: Subject, count: Count): NewFact[] =>
  packedCount(subject, count).map((payload) => ({
    eventType: "sales.changed.0",
    payload: { ...payload, complete: true },
  }));

function packedCount({ key, ...envelope }: Subject, count: Count) {
  const { ticketTypes, ...rest } = count;
  const head = { ...envelope, ...rest };
  const packed = pack(ticketTypes.flatMap(piecesOf), (piece) => piece, head);
  return packed.map((part, index) => ({
    ...head,
    idempotencyKey: partKey(key, index),
    part: { number: index + 1, of: packed.length },
    ticketTypes: part,
  }));
}

/** One part keeps the plain key. */
const partKey = (key: string, index: number) => (index === 0 ? key : `${key}#${index + 1}`);

function piecesOf(type: TicketTypeCount): TicketTypeCount[] {
  const hours = [...new Set([...Object.keys(type.newSales), ...Object.keys(type.replacements)])];
  if (hours.length <= HOURS_A_PIECE) return [type];
  hours.sort();
  return Array.from({ length: Math.ceil(hours.length / HOURS_A_PIECE) }, (_, index) => {
    const wanted = new Set(hours.slice(index * HOURS_A_PIECE, (index + 1) * HOURS_A_PIECE));
    const only = (byHour: Record<string, number>) =>
      Object.fromEntries(Object.entries(byHour).filter(([hour]) => wanted.has(hour)));
    return { ...type, newSales: only(type.newSales), replacements: only(type.replacements) };
  });
}

/** Fills each part with as many pieces as fit beside the head, in order; one empty part when there are none. */
function pack<Piece>(pieces: Piece[], contentOf: (piece: Piece) => object, head: object) {
  const room = MAX_FACT_BYTES - SPARE_BYTES - bytesOf(head);
  const parts: Piece[][] = [[]];
  let left = room;
  for (const piece of pieces) {
    const bytes = bytesOf(contentOf(piece)) + 1;
    if (bytes > room) throw new Failure("malformed", "it is too large for a fact", { bytes, room });
    if (bytes > left) {
      parts.push([]);
      left = room;
    }
    parts.at(-1)?.push(piece);
    left -= bytes;
  }
  return parts;
}

const bytesOf = (value: object) => Buffer.byteLength(JSON.stringify(value));
