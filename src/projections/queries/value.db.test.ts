import { expect, test } from "bun:test";
import {
  eventUpdated,
  salesChanged,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { given } from "../../../test/support/given.ts";
import type { EventUpdated, TicketTypeCount } from "../../contracts/index.ts";

const types = [
  ticketType(),
  ticketType({ ticketTypeId: "women", name: "HYROX WOMEN" }),
  ticketType({ ticketTypeId: "seats", name: "SPECTATOR" }),
];
const described = (said: Partial<EventUpdated> = {}) =>
  eventUpdated({ ticketTypes: types, ...said });
const at = (day: number) => `2026-03-0${day}T02:00:00.000Z`;
const counted = (day: number, ...ticketTypes: TicketTypeCount[]) =>
  salesCounted({ countedAt: at(day), ticketTypes });

const euros = (tickets: number, paid: number, list: number) => ({ EUR: { tickets, paid, list } });
const men = typeCount({ sold: 10, value: euros(10, 99_000, 109_000) });
const women = typeCount({ ticketTypeId: "women", sold: 6, value: euros(6, 60_000, 60_000) });
const seats = typeCount({ ticketTypeId: "seats", sold: 50, value: euros(50, 50_000, 50_000) });

test("an event's value is that of the ticket types in its totals, and each type has its own", async () => {
  await given(described())
    .when(counted(1, men, women, seats))
    .thenRows(({ events, ticketTypes }) => {
      expect(events[0]?.value).toEqual({ tickets: 16, paid: 159_000, list: 169_000 });
      expect(ticketTypes.map(({ value }) => value?.paid)).toEqual([99_000, 60_000, 50_000]);
    });
});

test("what was counted before values were is read for ever, and has none until it is counted anew", async () => {
  const { value: _value, ...before } = men;
  await given(described(), counted(1, before, typeCount({ ticketTypeId: "women", sold: 6 })))
    .when()
    .thenEvent({ totalSold: 16, value: null });
  const first = salesChanged({ countedAt: at(2), ticketTypes: [men] });
  await given(described(), counted(1, before, typeCount({ ticketTypeId: "women", sold: 6 })), first)
    .when()
    .thenRows(({ events, ticketTypes }) => {
      // Of the women it is not known yet.
      expect(events[0]?.value).toBeNull();
      expect(ticketTypes[0]?.value).toEqual({ tickets: 10, paid: 99_000, list: 109_000 });
      expect(ticketTypes[1]?.value).toBeNull();
    });
  await given(described(), counted(1, before), first)
    .when(salesChanged({ countedAt: at(3), ticketTypes: [women] }))
    .thenEvent({ value: { tickets: 16, paid: 159_000, list: 169_000 } });
});

test("a type of too few tickets has no value, and its event says of how many its own is", async () => {
  await given(described())
    .when(counted(1, men, typeCount({ ticketTypeId: "women", sold: 4, value: {} })))
    .thenRows(({ events, ticketTypes }) => {
      expect(events[0]).toMatchObject({ totalSold: 14, value: { tickets: 10, paid: 99_000 } });
      expect(ticketTypes[1]).toMatchObject({ sold: 4, value: null });
    });
  const one = typeCount({ sold: 1, value: euros(1, 9_900, 9_900) });
  await given(described()).when(counted(1, one)).thenEvent({ totalSold: 1, value: null });
});

test("a value is in the event's currency, and not known while that is not", async () => {
  const krona = { ...men, value: { SEK: { tickets: 10, paid: 1, list: 1 }, ...men.value } };
  await given(described({ currency: "SEK" }))
    .when(counted(1, krona))
    .thenEvent({ value: { tickets: 10, paid: 1, list: 1 } });
  await given(described({ currency: null }))
    .when(counted(1, krona))
    .thenEvent({ value: null });
});

test("an event that holds others has no value of its own", async () => {
  await given(described({ eventType: "GROUP", childEventIds: ["a"] }))
    .when(counted(1, men))
    .thenRows(({ events, ticketTypes }) => {
      expect(events[0]?.value).toBeNull();
      expect(ticketTypes[0]?.value).toBeNull();
    });
});
