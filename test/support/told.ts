import type { SalesCounted } from "../../src/contracts/index.ts";
import { countable } from "../../src/intake/store/ticket-states.ts";
import { countTickets } from "../../src/rules/count.ts";
import { Ticket } from "../../src/vivenu/wire.ts";
import type { ModelTicket } from "../fixtures/vivenu/model.ts";

type Numbers = Record<string, number>;

/** What the model's tickets count as, zeros left out. */
export function numbersOf(tickets: ModelTicket[]): Numbers {
  const { ticketTypes } = countTickets(
    tickets.map((ticket) => countable(Ticket.parse(ticket))),
    [],
  );
  return Object.assign(
    {},
    ...ticketTypes.map(({ newSalesByHour, replacementsByHour, values: _values, ...numbers }) =>
      flat({
        ...numbers,
        value: valuedBy(tickets.filter((one) => one.ticketTypeId === numbers.ticketTypeId)),
        newSales: newSalesByHour,
        replacements: replacementsByHour,
      }),
    ),
  );
}

/** What these were sold for, ticket by ticket; of fewer than five nothing is said. */
function valuedBy(tickets: ModelTicket[]) {
  const cents = (price = 0) => Math.round(price * 100);
  const sold = tickets.filter(({ status }) => ["VALID", "DETAILSREQUIRED"].includes(status));
  const byCurrency = Map.groupBy(sold, ({ currency }) => currency);
  return Object.fromEntries(
    [...byCurrency]
      .filter(([, some]) => some.length >= 5)
      .map(([currency, some]) => [
        currency,
        {
          tickets: some.length,
          paid: some.reduce((sum, { realPrice }) => sum + cents(realPrice), 0),
          list: some.reduce((sum, { regularPrice }) => sum + cents(regularPrice), 0),
        },
      ]),
  );
}

const flat = ({
  ticketTypeId,
  newSales,
  replacements,
  soldByUnderShop = {},
  reservedByUnderShop = {},
  value = {},
  ...numbers
}: SalesCounted["ticketTypes"][number]): Numbers =>
  Object.fromEntries(
    [
      ...Object.entries(numbers),
      ...Object.entries(soldByUnderShop).map(([id, n]) => [`through ${id}`, n] as const),
      ...Object.entries(reservedByUnderShop).map(([id, n]) => [`reserved by ${id}`, n] as const),
      ...Object.entries(value).flatMap(([currency, sums]) =>
        Object.entries(sums).map(([name, n]) => [`${name} in ${currency}`, n] as const),
      ),
      ...Object.entries(newSales).map(([hour, n]) => [`new ${hour}`, n] as const),
      ...Object.entries(replacements).map(([hour, n]) => [`replaced ${hour}`, n] as const),
    ]
      .filter((named): named is [string, number] => Boolean(named[1]))
      .map(([name, n]) => [`${ticketTypeId} ${name}`, n]),
  );

/** The newest word of the log on every number of an event. */
export function toldBy(counts: SalesCounted[]) {
  return (eventId: string) => {
    const numbers = new Map<string, number>();
    const ordered = counts
      .filter((count) => count.eventId === eventId)
      .sort((a, b) => a.countedAt.localeCompare(b.countedAt));
    const newest = ordered.at(-1);
    // One that is not complete is no base for another: it says what differs from the last complete one.
    for (const { ticketTypes } of ordered.filter((c) => c.complete || c === newest))
      for (const type of ticketTypes) {
        for (const name of numbers.keys())
          if (name.startsWith(`${type.ticketTypeId} `) && !/ (new|replaced) /.test(name))
            numbers.delete(name);
        for (const hour of Object.keys(type.newSales))
          numbers.delete(`${type.ticketTypeId} new ${hour}`);
        for (const hour of Object.keys(type.replacements))
          numbers.delete(`${type.ticketTypeId} replaced ${hour}`);
        for (const [name, n] of Object.entries(flat(type))) numbers.set(name, n);
      }
    return { complete: newest?.complete, numbers: Object.fromEntries(numbers) };
  };
}
