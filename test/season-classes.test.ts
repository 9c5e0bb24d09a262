import { expect, test } from "bun:test";
import { EVENTS } from "../sandbox/vivenu/season/events.ts";
import { madeUpEvent } from "../sandbox/vivenu/season/made-up.ts";
import { realEvents } from "../sandbox/vivenu/season/real.ts";
import type { PlannedEvent } from "../sandbox/vivenu/season/spec.ts";
import { describe as described } from "../src/intake/events/describe.ts";
import { classify, classOfName, verdictOf } from "../src/rules/classify.ts";
import { VivenuEvent } from "../src/vivenu/wire.ts";

const moment = { seed: 7, now: new Date("2026-03-01T09:00:00Z") };
const season = [...realEvents(moment), ...EVENTS.map((spec) => madeUpEvent(spec, moment))];

/** What the season means a type to be: it has planned its partners and categories. */
function plannedClasses({ document, partners }: PlannedEvent): [string, string][] {
  const partnerIds = new Set(Object.values(partners).map(({ typeId }) => typeId));
  return document.tickets.map(({ _id, name, categoryRef }) => {
    const category = document.categories.find(({ ref }) => ref === categoryRef)?.name;
    return [_id, partnerIds.has(_id) ? "secondary" : plannedClass(category, name)];
  });
}

function plannedClass(category: string | undefined, name: string) {
  if (category === "Charity") return "charity";
  if (category === "Extras") return "addon";
  if (category === "Spectator") return name.startsWith("COACH") ? "coach" : "spectator";
  if (name.startsWith("HYROX YOUNGSTARS")) return "youngstar";
  return name.startsWith("CORPORATE") ? "corporate" : "race";
}

const planned = season.flatMap(plannedClasses);
const events = season.map(({ document, currency }) =>
  described(VivenuEvent.parse(document), currency),
);

test("each of the season's 1,738 ticket types is what the season means it to be, beyond doubt", () => {
  const found = events.flatMap(({ ticketTypes, categories }) => [
    ...classify(ticketTypes, {}, categories),
  ]);
  expect(found).toHaveLength(1738);
  expect(new Map<string, string>(found)).toEqual(new Map(planned));
  const doubts = events.flatMap(({ ticketTypes, categories }) =>
    ticketTypes.flatMap((type) => verdictOf(type, { categories }).unclear ?? []),
  );
  expect(doubts).toEqual([]);
});

test("so it is by the names alone, where an account has neither categories nor rules", () => {
  const found = events.flatMap(({ ticketTypes }) =>
    ticketTypes.map(({ ticketTypeId, name }) => [ticketTypeId, classOfName(name)] as const),
  );
  expect(new Map<string, string>(found)).toEqual(new Map(planned));
});
