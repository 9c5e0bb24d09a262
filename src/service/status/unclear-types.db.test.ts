import { expect, test } from "bun:test";
import {
  eventDeleted,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { applyEach } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { usableEnvironment } from "../../../test/support/usable-environment.ts";
import { loadConfig } from "../../config/config.ts";
import type { EventUpdated, NewFact } from "../../contracts/index.ts";
import { createLogger } from "../../lib/logger.ts";
import { statusReader } from "./status.ts";

const environment = {
  ...usableEnvironment,
};
const ids = ["plain", "brunch"];
const types = [
  ticketType(),
  ticketType({ ticketTypeId: "plain", name: "HYROX | Friday" }),
  ticketType({ ticketTypeId: "brunch", name: "Aftershow" }),
];
const described = (said: Partial<EventUpdated> = {}) =>
  eventUpdated({ ticketTypes: types, ...said });

const some = [
  described(),
  described({ eventId: "gone" }),
  eventDeleted({ eventId: "gone" }),
  described({ eventId: "renamed", name: "HYROX Othertown", ticketTypeIds: ["men", "plain"] }),
];

async function statusAt(now: string, classes = "", facts: NewFact[] = some) {
  const { sql } = await reusedDatabase();
  await applyEach(sql, facts);
  const read = statusReader({
    ...{ sql, version: "1.2.3", logger: createLogger("silent"), mirror: () => null },
    config: loadConfig({ ...environment, TICKET_TYPE_CLASSES: classes }),
    clock: { now: () => new Date(now), pause: () => Promise.resolve() },
    failing: { read: async () => [] },
  });
  return read();
}

const notesOf = ({ notes }: { notes: string[] }) =>
  notes.filter((note) => note.includes("in doubt"));

test("ticket types that nothing speaks for are listed, and one note says how to say what they are", async () => {
  const status = await statusAt("2026-04-01T00:00:00Z");
  expect(
    status.typesInDoubt.map(({ eventName, ticketTypeId, ticketName, class: found }) => [
      ...[eventName, ticketTypeId, ticketName, found],
    ]),
  ).toEqual([
    ["HYROX Testville", "brunch", "Aftershow", "other"],
    ["HYROX Testville", "plain", "HYROX | Friday", "other"],
    ["HYROX Othertown", "plain", "HYROX | Friday", "other"],
  ]);
  expect(notesOf(status)).toHaveLength(1);
  expect(status.problems.filter((problem) => problem.includes("doubt"))).toEqual([]);
  for (const id of ids) expect(notesOf(status)[0]).toContain(id);
  expect(notesOf(status)[0]).toContain("TICKET_TYPE_CLASSES, as brunch=race or brunch=other");
});

test("whoever says what they are ends it, and so does the event", async () => {
  const said = await statusAt("2026-04-01T00:00:00Z", "plain=race,brunch=other");
  expect([said.typesInDoubt, notesOf(said)]).toEqual([[], []]);
  // At the very instant in which it ends it is over.
  const { end } = described().payload;
  expect((await statusAt(end)).typesInDoubt).toEqual([]);
  const lastMoment = new Date(Date.parse(end) - 1).toISOString();
  expect((await statusAt(lastMoment)).typesInDoubt).not.toEqual([]);
});

test("those that the event has no more are listed as long as tickets of them are sold, and the operator's word counts them", async () => {
  const at = (day: number) => `2026-02-0${day}T10:00:00.000Z`;
  const sold = (ticketTypeId: string, tickets: number) =>
    typeCount({ ticketTypeId, sold: tickets });
  const wave = ticketType({ ticketTypeId: "wave", name: "Saturday 10:00", categoryRef: "m" });
  const before = { categories: [{ ref: "m", name: "HYROX MEN", amount: null }] };
  const facts = [
    described({ ...before, ticketTypes: [...types, wave], updatedAt: at(1), observedAt: at(1) }),
    salesCounted({
      countedAt: at(2),
      ticketTypes: [
        ...[sold("men", 40), sold("plain", 7), sold("brunch", 0), sold("wave", 5)],
        ...[sold("ghost", 12), sold("refunded", 0)],
      ],
    }),
    described({ ticketTypes: [ticketType()], updatedAt: at(3), observedAt: at(3) }),
  ];
  const status = await statusAt("2026-04-01T00:00:00Z", "", facts);
  expect(status.typesInDoubt).toMatchObject([
    { ticketTypeId: "plain", ticketName: "HYROX | Friday", class: "other" },
    {
      ...{ ticketTypeId: "ghost", ticketName: "(not described by Vivenu)", class: "other" },
      reason: "the event was never seen to have it, and 12 tickets of it are sold",
    },
  ]);
  const classes = "ghost=race,plain=other";
  expect((await statusAt("2026-04-01T00:00:00Z", classes, facts)).typesInDoubt).toEqual([]);
});
