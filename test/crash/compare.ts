import type { EventRow, TicketTypeRow } from "../../src/projections/queries/row-types.ts";
import type { ExpectedType, Model } from "./model.ts";

export interface Rows {
  events: EventRow[];
  ticketTypes: TicketTypeRow[];
}

/** Each difference between rows and model by name; nothing when they say the same. */
export function compareRows({ events, ticketTypes }: Rows, model: Model): string[] {
  const rowOf = new Map(events.map((row) => [row.eventId, row]));
  const typeOf = new Map(ticketTypes.map((row) => [`${row.eventId} ${row.ticketTypeId}`, row]));
  const known = new Set([...model.events.map(({ eventId }) => eventId), ...model.deletedIds]);
  const faults = [
    ...twice(events.map(({ eventId }) => eventId)).map((id) => `event ${id} has two rows`),
    ...events.flatMap((row) => (known.has(row.eventId) ? [] : `event ${row.eventId} is nobody's`)),
    ...model.deletedIds.flatMap((id) => {
      const status = rowOf.get(id)?.status;
      return status === "CANCELLED" ? [] : `event ${id} was deleted and is ${status ?? "no row"}`;
    }),
  ];
  for (const { types, ...event } of model.events) {
    const row = rowOf.get(event.eventId);
    const what = `event ${event.eventId}`;
    if (row?.status === "CANCELLED") faults.push(`${what} is there and shown as deleted`);
    faults.push(...differences(what, event, row));
    for (const { hours: _hours, ...type } of types)
      faults.push(
        ...differences(
          `${what} type ${type.ticketTypeId}`,
          { ...type, removed: false },
          typeOf.get(`${event.eventId} ${type.ticketTypeId}`),
        ),
      );
  }
  return faults;
}

function differences(what: string, expected: object, row: object | undefined): string[] {
  if (!row) return [`${what} has no row`];
  const found = new Map<string, unknown>(Object.entries(row));
  return Object.entries(expected).flatMap(([field, value]) =>
    found.get(field) === value
      ? []
      : `${what}: ${field} is ${JSON.stringify(found.get(field))}, not ${JSON.stringify(value)}`,
  );
}

type Cells = Record<string, unknown>[];

/** What the sheet shows and the rows do not, or the other way round, or twice. */
export function compareSheet(rows: Rows, tabs: { events: Cells; ticketTypes: Cells }): string[] {
  const percent = (value: number | null) => (value === null ? null : Math.round(value * 100));
  const shown = (value: unknown) => (typeof value === "number" ? Math.round(value * 10_000) : null);
  return [
    ...unequal(
      "Events",
      rows.events.map((row) => [
        ...[row.eventId, row.region, row.eventName, row.status],
        ...[row.totalCapacity, row.totalSold, row.totalAvailable, percent(row.percentSold)],
      ]),
      tabs.events.map((cells) => [
        ...["Event ID", "Region", "Event Name", "Status"].map((name) => cells[name]),
        ...["Total Capacity", "Total Sold", "Total Available"].map((name) => cells[name]),
        shown(cells["Percent Sold"]),
      ]),
    ),
    ...unequal(
      "Ticket Types",
      rows.ticketTypes.map((row) => [
        ...[row.eventId, row.ticketTypeId, row.ticketName],
        ...[row.price, row.capacity, row.sold, row.available],
      ]),
      tabs.ticketTypes.map((cells) => [
        ...["Event ID", "Ticket Type ID", "Ticket Name"].map((name) => cells[name]),
        ...["Price", "Capacity", "Sold", "Available"].map((name) => cells[name]),
      ]),
    ),
  ];
}

function unequal(tab: string, rows: unknown[][], cells: unknown[][]): string[] {
  // An empty cell is read back as no value or as an empty text.
  const lines = (table: unknown[][]) =>
    table.map((row) => JSON.stringify(row.map((value) => (value === "" ? null : value))));
  const [wanted, found] = [lines(rows), lines(cells)];
  return [
    ...twice(found).map((line) => `sheet ${tab}: twice ${line}`),
    ...wanted.filter((line) => !found.includes(line)).map((line) => `sheet ${tab}: no ${line}`),
    ...found
      .filter((line) => !wanted.includes(line))
      .map((line) => `sheet ${tab}: unasked ${line}`),
  ];
}

const twice = (keys: string[]) => keys.filter((key, at) => keys.indexOf(key) !== at);

/** Hours as the projection holds them against those of the tickets; an hour of none may be absent. */
export function compareHours(
  hours: { eventId: string; ticketTypeId: string; hour: Date; kind: string; tickets: number }[],
  model: Model,
): string[] {
  const found = new Map(
    hours.map(({ eventId, ticketTypeId, hour, kind, tickets }) => [
      `${eventId} ${ticketTypeId} ${hour.toISOString().slice(0, 13)} ${kind}`,
      tickets,
    ]),
  );
  return model.events.flatMap(({ eventId, types }) =>
    types.flatMap(({ ticketTypeId, hours }: ExpectedType) => {
      const prefix = `${eventId} ${ticketTypeId} `;
      const own = [...found].filter(([key]) => key.startsWith(prefix));
      const names = new Set([
        ...own.map(([key]) => key.slice(prefix.length)),
        ...Object.keys(hours),
      ]);
      return [...names].flatMap((name) => {
        const [is, should] = [found.get(prefix + name) ?? 0, hours[name] ?? 0];
        return is === should ? [] : `hour ${prefix}${name} has ${is} tickets, not ${should}`;
      });
    }),
  );
}
