import type { Pool, Sql } from "../../database/connect.ts";
import { knownZone } from "../../lib/zones.ts";
import { msOf } from "../../rules/instant.ts";
import {
  type Level,
  type SoldOutMoment,
  type SoldOutPolicy,
  type SoldOutWatch,
  soldOutWatch,
} from "../../rules/sold-out.ts";
import { readPast, readTallies, type Step, type Tally } from "./event-past.ts";
import { eventLevels, type LevelsOptions } from "./levels.ts";
import { aloneOf, type OnEventFault } from "./row-faults.ts";
import type { ChangeRow } from "./row-types.ts";

export interface SoldOutOptions extends LevelsOptions {
  soldOut?: SoldOutPolicy;
  /** Without it an event whose past can not be followed is a failure. */
  onFault?: OnEventFault;
}

/** Of all events, or of one, oldest first within each event. */
export type ReadSoldOut = (of?: { eventId?: string }) => Promise<ChangeRow[]>;

/**
 * When events and their ticket types were nearly sold out, sold out or paused, and open again, from every count
 * and description that is kept. What was read once is remembered: of an event that was only counted
 * again, only the new counts are read, and whatever came late has the event read anew.
 */
export function soldOutReader(sql: Pool, options: SoldOutOptions): ReadSoldOut {
  const known = new Map<string, Followed>();
  let last: Promise<unknown> = Promise.resolve();

  return (of = {}) => {
    // One after the other: two readings at once would both take the same new counts over.
    const reading = last.then(() => readMoments(of.eventId));
    last = reading.catch(() => {});
    return reading;
  };

  async function readMoments(eventId: string | undefined): Promise<ChangeRow[]> {
    const tallies = await sql.begin(
      "isolation level repeatable read read only",
      async (tx): Promise<Tally[]> => {
        const found = await readTallies(tx, eventId);
        for (const tally of found) await catchUp(tx, tally);
        return found;
      },
    );
    if (eventId === undefined) forgetOthers(new Set(tallies.map((tally) => tally.eventId)));
    return tallies.flatMap(({ eventId: id }) =>
      aloneOf(id, () => known.get(id)?.event.rows(id) ?? [], options.onFault),
    );
  }

  async function catchUp(tx: Sql, tally: Tally) {
    const before = known.get(tally.eventId);
    if (before?.digest === tally.digest) {
      if (before.counts === tally.counts) return;
      const { steps, counts } = await readPast(tx, tally.eventId, before.event.until());
      if (before.counts + counts === tally.counts) {
        follow(tally, before.event, steps);
        before.counts = tally.counts;
        return;
      }
    }
    const event = followEvent(options);
    const { steps } = await readPast(tx, tally.eventId);
    known.set(tally.eventId, { ...tally, event });
    follow(tally, event, steps);
  }

  function follow({ eventId }: Tally, event: Followed["event"], steps: readonly Step[]) {
    const make = () => {
      event.follow(steps);
      return [];
    };
    aloneOf(eventId, make, (id, error) => {
      // It is followed anew at the next reading.
      known.delete(id);
      if (!options.onFault) throw error;
      options.onFault(id, error);
    });
  }

  function forgetOthers(eventIds: ReadonlySet<string>) {
    for (const eventId of known.keys()) if (!eventIds.has(eventId)) known.delete(eventId);
  }
}

interface Followed extends Tally {
  event: ReturnType<typeof followEvent>;
}

interface Told {
  moment: SoldOutMoment;
  /** Null where it is the event's own. */
  ticketName: string | null;
  source: string;
}

function followEvent({ soldOut, ...options }: SoldOutOptions) {
  const levels = eventLevels(options);
  const watches = new Map<string | null, SoldOutWatch>();
  const told: Told[] = [];
  let until: Date | undefined;

  return {
    until: () => until,
    follow(steps: readonly Step[]) {
      for (const step of steps) take(step);
    },
    rows: (eventId: string): ChangeRow[] => {
      const head = levels.head();
      if (!head) return [];
      const { name: eventName, account: region } = head;
      const timezone = knownZone(head.timezone);
      return told.map((one) => ({ eventId, eventName, region, timezone, ...changeOf(one) }));
    },
  };

  function take(step: Step) {
    until = step.at;
    const now = levels.after(step);
    const end = levels.head()?.end;
    // Nobody is waiting for a place at what is over.
    if (!now || end === undefined || msOf(end) <= step.at.getTime()) return;
    tell(null, now.event, step.source);
    for (const { ticketTypeId, ...level } of now.ticketTypes)
      tell(ticketTypeId, level, step.source);
  }

  function tell(ticketTypeId: string | null, level: Level, source: string) {
    const watch = watches.get(ticketTypeId) ?? soldOutWatch(soldOut);
    watches.set(ticketTypeId, watch);
    const moment = watch(level);
    if (!moment) return;
    const ticketName = ticketTypeId === null ? null : levels.nameOf(ticketTypeId);
    told.push({ moment, ticketName, source });
  }
}

const changeTypes = {
  nearly: "nearlySoldOut",
  soldOut: "soldOut",
  paused: "paused",
  reopened: "reopened",
} as const;

function quantityOf(moment: SoldOutMoment) {
  if (moment.kind === "nearly") return "percentSold";
  const isOfSwitches =
    moment.kind === "paused" || (moment.kind === "reopened" && moment.after === "paused");
  return isOfSwitches ? "availableToBuy" : "available";
}

/** A whole event that is sold out, paused or open again is what people act on. */
function changeOf({ moment, ticketName, source }: Told) {
  const { kind, at, before } = moment;
  const quantity = quantityOf(moment);
  return {
    changeType: changeTypes[kind],
    field: ticketName === null ? quantity : `${quantity} of ${ticketName}`,
    previousValue: { value: before?.[quantity] ?? null, isInstant: false },
    newValue: { value: moment[quantity], isInstant: false },
    changedAt: new Date(at).toISOString(),
    source,
    severity: ticketName === null && kind !== "nearly" ? ("high" as const) : ("medium" as const),
  };
}
