import type { Category, EventUpdated, TicketType, UnderShop } from "../../contracts/index.ts";
import type { CountForCapacity } from "../../rules/capacity.ts";

export type Head = Omit<EventUpdated, "ticketTypes" | "underShops">;

/** What was known of an event at an instant. */
export interface Known {
  head: Head | undefined;
  types: TicketType[];
  shops: UnderShop[];
  counts: CountForCapacity[];
  /** Of ticket types that were gone by then: the event's when it last had them. */
  formerCategories: ReadonlyMap<string, Category[]>;
  /** All ticket types had been counted once. */
  isCounted: boolean;
}

/** What became otherwise of an event at one instant, each list in the order of its facts. */
export interface Step {
  at: Date;
  /** Descriptions of this instant, by when they were observed. */
  described: Described[];
  counts: CountForCapacity[];
  /** A count of all ticket types at this moment is there in all its parts. */
  isCounted: boolean;
  /** Of the counts, or else of the last description. */
  source: string;
}

/** The parts of a description share its times. */
export interface Described {
  observedAt: Date;
  source: string;
  /** In the order of the facts. */
  heads: Head[];
  types: TicketType[];
  shops: UnderShop[];
}

export interface Past {
  known: Known;
  steps: Step[];
}

export const NOTHING: Known = {
  head: undefined,
  types: [],
  shops: [],
  counts: [],
  formerCategories: new Map(),
  isCounted: false,
};

/** Rows of one event's history, as `past-rows.ts` finds them, in the order of the facts. */
export interface PastRows {
  heads: readonly VersionColumns<Head>[];
  types: readonly VersionColumns<TicketType>[];
  shops: readonly VersionColumns<UnderShop>[];
  counts: readonly CountColumns[];
  sources: readonly SourceColumns[];
  moments: readonly MomentColumns[];
}

export interface VersionColumns<Content> {
  eventId: string;
  isBefore: boolean;
  versionAt: Date;
  observedAt: Date;
  content: Content;
}

export interface SourceColumns {
  eventId: string;
  versionAt: Date;
  observedAt: Date;
  source: string;
}

export type CountColumns = CountForCapacity & { eventId: string; isBefore: boolean; at: Date };

export interface MomentColumns {
  eventId: string;
  at: Date;
  source: string;
  isCounted: boolean;
}

/** What was known at a window's beginning, and what became otherwise within it. */
export const pastOf = (rows: PastRows, isCounted: boolean): Past => ({
  known: knownOf(rows, isCounted),
  steps: stepsOf(rows),
});

const knownOf = ({ heads, types, shops, counts }: PastRows, isCounted: boolean): Known => ({
  formerCategories: new Map(),
  head: heads.find(({ isBefore }) => isBefore)?.content,
  types: types.filter(({ isBefore }) => isBefore).map(({ content }) => content),
  shops: shops.filter(({ isBefore }) => isBefore).map(({ content }) => content),
  counts: counts.filter(({ isBefore }) => isBefore).map(countOf),
  isCounted,
});

/** What of a count says what is left. */
export const countOf = ({
  ticketTypeId,
  sold,
  soldUnderShop,
  soldByUnderShop,
  reserved,
  reservedByUnderShop,
}: CountForCapacity): CountForCapacity => ({
  ticketTypeId,
  sold,
  soldUnderShop,
  soldByUnderShop,
  reserved,
  reservedByUnderShop,
});

function stepsOf({ heads, types, shops, counts, sources, moments }: PastRows): Step[] {
  const steps = new Map<number, Step>();
  const stepAt = (at: Date) => {
    const step = steps.get(at.getTime()) ?? emptyStep(at);
    steps.set(at.getTime(), step);
    return step;
  };
  const descriptions = new Map<string, Described>();
  const descriptionOf = ({
    versionAt,
    observedAt,
  }: Pick<SourceColumns, "versionAt" | "observedAt">) => {
    const key = `${versionAt.getTime()} ${observedAt.getTime()}`;
    const known = descriptions.get(key);
    if (known) return known;
    const described = { observedAt, source: "", heads: [], types: [], shops: [] };
    descriptions.set(key, described);
    stepAt(versionAt).described.push(described);
    return described;
  };
  const within = <Row extends { isBefore: boolean }>(rows: readonly Row[]) =>
    rows.filter(({ isBefore }) => !isBefore);
  for (const row of within(heads)) descriptionOf(row).heads.push(row.content);
  for (const row of within(types)) descriptionOf(row).types.push(row.content);
  for (const row of within(shops)) descriptionOf(row).shops.push(row.content);
  for (const { versionAt, observedAt, source } of sources) {
    // One that said nothing otherwise is no step, and yet the last to say it.
    const step = steps.get(versionAt.getTime());
    const described = descriptions.get(`${versionAt.getTime()} ${observedAt.getTime()}`);
    if (described) described.source = source;
    if (step) step.source = source;
  }
  for (const { at, source, isCounted } of moments) {
    const step = stepAt(at);
    step.source = source;
    step.isCounted = isCounted;
  }
  for (const row of within(counts)) stepAt(row.at).counts.push(countOf(row));
  for (const step of steps.values())
    step.described.sort((one, other) => one.observedAt.getTime() - other.observedAt.getTime());
  return [...steps.values()].sort((one, other) => one.at.getTime() - other.at.getTime());
}

const emptyStep = (at: Date): Step => ({
  at,
  described: [],
  counts: [],
  isCounted: false,
  source: "",
});
