import type {
  BacktestPage,
  EventRow,
  EventsWanted,
  ForecastPage,
  ListPage,
  Pace,
  SoldCurve,
  SoldCurvesWanted,
  TicketTypeIds,
  TicketTypeRow,
  TicketTypesWanted,
  UnderShopRow,
} from "../../projections/queries/row-types.ts";

export interface Rows {
  events: EventRow[];
  ticketTypes: TicketTypeRow[];
  /** Whether any shop beside its own may sell one event's places; undefined where nobody looked. */
  hasUnderShops?: boolean;
}

/**
 * Answers of one event. Who has read its rows in the same moment hands them over, as they are for who sees
 * all of them: else they are read once more.
 */
export type ReadOfEvent<Wanted, Found> = (
  eventId: string,
  wanted: Wanted,
  known?: Rows,
) => Promise<Found | undefined>;

/** The rows of one event: its own, and those of its ticket types in its own order. */
export type ReadRows = (of: { eventId: string; asOf?: Date | undefined }) => Promise<Rows>;

/** The shops that one event's places are sold through beside its own, as they are now; rows that say that there is none are asked no further. */
export type ReadUnderShops = (eventId: string, known?: Rows) => Promise<UnderShopRow[]>;

/** The lists over all events: no more is read than is answered. */
export interface ReadLists {
  events(wanted: EventsWanted): Promise<ListPage<EventRow, string>>;
  ticketTypes(wanted: TicketTypesWanted): Promise<ListPage<TicketTypeRow, TicketTypeIds>>;
}

/** How fast events sell; of each that is given. */
export type ReadPaces = (
  events: readonly EventRow[],
  wanted: {
    comparables?: readonly string[] | undefined;
    asOf?: Date | undefined;
    /** Of this instant's hour, and not of the hour that it is now. */
    at?: Date | undefined;
  },
) => Promise<ReadonlyMap<string, Pace>>;

/** How events came to what they have sold: those of them that the caller sees. */
export type ReadCurves = (wanted: SoldCurvesWanted) => Promise<ReadonlyMap<string, SoldCurve>>;

/** Forecasts of rows that the caller sees: of those that are known by now. */
export type ReadSellOuts = (
  rows: readonly EventRow[],
  asOf: Date | undefined,
) => Promise<ReadonlyMap<string, ForecastPage>>;

/** How past events' forecasts turned out; undefined for who sees some events only, for it is of all. */
export type ReadBacktest = () => Promise<BacktestPage | undefined>;

/** An account as its last full polls left it. */
export interface AccountPoll {
  region: string;
  /** When the last one ended that read everything; null where none has. */
  completeAt: string | null;
  /** What kept the last one from it; null where nothing did. */
  reason: string | null;
}

export type ReadAccounts = () => Promise<AccountPoll[]>;
