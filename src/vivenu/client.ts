import { Failure, isFailure } from "../lib/failure.ts";
import { type EventList, readEvents } from "./all-events.ts";

export type { Fetch } from "./request.ts";

import { type MalformedTicket, parseTickets } from "./list-items.ts";
import { type GetOptions, type RequesterOptions, requester } from "./request.ts";
import { reportUnknown } from "./unknown-fields.ts";
import {
  isList,
  isRecord,
  isSeller,
  List,
  Owned,
  parse,
  Seller,
  type Ticket,
  TicketStanding,
  VivenuEvent,
} from "./wire.ts";

/** Everything we may ask of the list of tickets: Vivenu answers 400 to a parameter it does not know. */
export interface TicketFilter {
  eventId?: string;
  /** Of any of these, none of which is asked for alone. */
  eventIds?: readonly string[];
  /** Created at or after, at or before. */
  createdFrom?: Date;
  createdUntil?: Date;
  /** Changed at or after, at or before. */
  updatedFrom?: Date;
  updatedUntil?: Date;
  statuses?: readonly string[];
}

export interface TicketQuery extends TicketFilter {
  /** 1 to 1000. */
  top: number;
  skip?: number;
}

export interface TicketPage {
  tickets: Ticket[];
  malformed: MalformedTicket[];
  /** How many tickets the filter finds, on all pages. */
  total: number;
  /** The page size that was answered: smaller than asked for where Vivenu was overloaded. */
  top: number;
  requests: number;
}

export interface VivenuClient {
  readonly region: string;
  /** Requests made so far, retries included. */
  readonly requests: number;
  readEvents(options?: { signal?: AbortSignal; updatedSince?: Date }): Promise<EventList>;
  /** Undefined where Vivenu answers 404. */
  readEvent(eventId: string, options?: { signal?: AbortSignal }): Promise<VivenuEvent | undefined>;
  readTicketsPage(query: TicketQuery, options?: GetOptions): Promise<TicketPage>;
  readTicketTotal(
    filter: TicketFilter,
    options?: Pick<GetOptions, "signal" | "retries">,
  ): Promise<number>;
  /** Which event a ticket is of, in which status; undefined where Vivenu answers 404. */
  readTicketStanding(
    ticketId: string,
    options?: { signal?: AbortSignal },
  ): Promise<TicketStanding | undefined>;
  /** How many events the account has, of any name. */
  readEventTotal(options?: Pick<GetOptions, "signal" | "retries">): Promise<number>;
  readSeller(options?: { signal?: AbortSignal }): Promise<Seller>;
  /** Whose the account's first events are: an account may list what another one sells for it. */
  readEventSellers(options?: { signal?: AbortSignal }): Promise<string[]>;
}

export interface VivenuClientOptions extends RequesterOptions {
  /** Events a page; each is up to 1 MB. */
  pageSize?: number;
}

/** Each is up to 1 MB. */
const SOME_EVENTS = 5;

/** Reads one Vivenu account. Writes nothing: a write to Vivenu comes back as a webhook. */
export function vivenuClient({ pageSize = 25, ...options }: VivenuClientOptions): VivenuClient {
  const http = requester(options);
  const account = options.region;

  async function readTicketsPage(query: TicketQuery, get: GetOptions = {}): Promise<TicketPage> {
    const path = "/api/tickets";
    const { body, top, requests } = await http.get(path, parametersOf(query), {
      ...get,
      isAnswer: isList,
    });
    const { rows, total } = parse(List, body, { what: "A page of tickets", account, path });
    reportUnknown(options.logger, "ticket", rows);
    const { read: tickets, malformed } = parseTickets(rows);
    return { tickets, malformed, total, top, requests };
  }

  /** Undefined where Vivenu answers 404. */
  async function getOne(path: string, { signal }: GetOptions) {
    try {
      return (await http.get(path, {}, { signal, isAnswer: isRecord })).body;
    } catch (error) {
      if (isFailure(error, "missing")) return undefined;
      throw error;
    }
  }

  async function readEvent(eventId: string, get: GetOptions = {}) {
    const path = `/api/events/${encodeURIComponent(eventId)}`;
    const body = await getOne(path, get);
    if (body === undefined) return undefined;
    reportUnknown(options.logger, "event", [body]);
    const event = parse(VivenuEvent, body, { what: `Event ${eventId}`, account, path });
    if (event._id === eventId) return event;
    throw new Failure("malformed", `Vivenu gave another event for ${eventId}`, { account, path });
  }

  async function readTicketStanding(ticketId: string, get: GetOptions = {}) {
    const path = `/api/tickets/${encodeURIComponent(ticketId)}`;
    const body = await getOne(path, get);
    if (body === undefined) return undefined;
    const ticket = parse(TicketStanding, body, { what: `Ticket ${ticketId}`, account, path });
    if (ticket._id === ticketId) return ticket;
    throw new Failure("malformed", `Vivenu gave another ticket for ${ticketId}`, { account, path });
  }

  async function readFirstEvents(top: number, get: GetOptions = {}) {
    const path = "/api/events";
    const { body } = await http.get(path, { top, skip: 0 }, { ...get, isAnswer: isList });
    return parse(List, body, { what: "The list of events", account, path });
  }

  return {
    region: account,
    get requests() {
      return http.requests;
    },
    readEvents: ({ signal, updatedSince } = {}) =>
      readEvents(http, { updatedSince, top: pageSize, logger: options.logger }, { signal }),
    readEvent,
    readTicketsPage,
    readTicketStanding,
    readTicketTotal: async (filter, options) =>
      (await readTicketsPage({ ...filter, top: 1 }, options)).total,
    readEventTotal: async (options) => (await readFirstEvents(1, options)).total,
    async readSeller({ signal } = {}) {
      const path = "/api/sellers/me";
      const { body } = await http.get(path, {}, { signal, isAnswer: isSeller });
      return parse(Seller, body, { what: "The seller", account, path });
    },
    async readEventSellers(options) {
      const { rows } = await readFirstEvents(SOME_EVENTS, options);
      return rows.flatMap((event) => Owned.safeParse(event).data?.sellerId ?? []);
    },
  };
}

const parametersOf = (query: TicketQuery) => ({
  event: query.eventId ?? query.eventIds?.join(","),
  start: query.createdFrom?.toISOString(),
  end: query.createdUntil?.toISOString(),
  "updatedAt[$gte]": query.updatedFrom?.toISOString(),
  "updatedAt[$lte]": query.updatedUntil?.toISOString(),
  status: query.statuses?.join(","),
  top: query.top,
  skip: query.skip ?? 0,
});
