import { msOf } from "../../rules/instant.ts";
import {
  isAsBefore,
  isSameLevel,
  type LevelNumbers,
  type SoldOutMoment,
  type SoldOutWatch,
  soldOutWatch,
  type WatchState,
} from "../../rules/sold-out.ts";
import type { RowSettings } from "./derivation.ts";
import type { Known, Step } from "./event-past.ts";
import type { FoundChange } from "./found-change.ts";
import { eventLevels } from "./levels.ts";

/** What of an event's past says whether the next level is news: its own by this, a ticket type's by its id. */
export type Watches = Readonly<Record<string, Partial<WatchState>>>;

const THE_EVENT = "";

export interface SoldOutOptions {
  from: Watches;
  settings: RowSettings;
  /** The steps behind which it is wanted what who goes on from there has to know. */
  places?: ReadonlySet<Step>;
}

/**
 * When an event and its ticket types were nearly sold out, sold out or paused, and open again, from what
 * was known of it on; and what who goes on from the last step, or from one of the places, has to know.
 */
export function soldOutChanges(
  known: Known,
  steps: readonly Step[],
  { from, settings, places = new Set() }: SoldOutOptions,
): { changes: FoundChange[]; watches: Watches; watchesAt: ReadonlyMap<Step, Watches> } {
  const levels = eventLevels(known, settings);
  /** Of what was told something else than before. */
  const watches = new Map<string, SoldOutWatch>();
  const watchesAt = new Map<Step, Watches>();
  const told = new Map<string, LevelNumbers>();
  const changes: FoundChange[] = [];
  for (const step of steps) {
    take(step);
    if (places.has(step)) watchesAt.set(step, watchesNow());
  }
  return { changes, watches: watchesNow(), watchesAt };

  function watchesNow(): Watches {
    const states = [...watches].map(([id, watch]) => [id, watch.state()] as const);
    return { ...from, ...Object.fromEntries(states) };
  }

  function take(step: Step) {
    const now = levels.after(step);
    const end = levels.head()?.end;
    // Nobody is waiting for a place at what is over.
    if (!now || end === undefined || msOf(end) <= step.at.getTime()) return;
    tell(THE_EVENT, now.event, step);
    for (const type of now.ticketTypes) tell(type.ticketTypeId, type, step);
  }

  function tell(id: string, level: LevelNumbers, { at, source }: Step) {
    const before = told.get(id);
    // An event has hundreds of ticket types, and a step says something else of few.
    if (before === level) return;
    told.set(id, level);
    if (before && isSameLevel(before, level)) return;
    const known = from[id];
    const isSilent = known !== undefined && !watches.has(id) && isAsBefore(known, level);
    if (isSilent) return;
    const watch = watches.get(id) ?? soldOutWatch(settings.soldOut, known);
    watches.set(id, watch);
    const moment = watch.tell({ ...level, at });
    if (!moment) return;
    const ticketType =
      id === THE_EVENT
        ? undefined
        : { id, name: levels.plainNameOf(id), toldApart: levels.nameOf(id) };
    changes.push({ ...changeOf(moment, ticketType), source, originAt: at, changedAt: at });
  }
}

const changeTypes = {
  nearly: "nearlySoldOut",
  soldOut: "soldOut",
  paused: "paused",
  reopened: "reopened",
} as const;

function quantityOf(moment: SoldOutMoment): "percentSold" | "available" | "availableToBuy" {
  if (moment.kind === "nearly") return "percentSold";
  const isOfSwitches =
    moment.kind === "paused" || (moment.kind === "reopened" && moment.after === "paused");
  return isOfSwitches ? "availableToBuy" : "available";
}

/** A whole event that is sold out, paused or open again is what people act on. */
function changeOf(
  moment: SoldOutMoment,
  ticketType: { id: string; name: string | null; toldApart: string } | undefined,
) {
  const { kind, before } = moment;
  const quantity = quantityOf(moment);
  return {
    changeType: changeTypes[kind],
    subjectId: ticketType?.id ?? null,
    subjectName: ticketType?.name ?? null,
    fieldName: quantity,
    field: ticketType ? `${quantity} of ${ticketType.toldApart}` : quantity,
    previousValue: before?.[quantity] ?? null,
    newValue: moment[quantity],
    currency: null,
    isInstant: false,
    severity: !ticketType && kind !== "nearly" ? ("high" as const) : ("medium" as const),
  };
}
