import { expect, test } from "bun:test";
import { modelVivenu } from "../../../test/fixtures/vivenu/model.ts";
import {
  clientFor,
  EVENT_ID,
  eventJson,
  HOUR,
  handClock,
  hyrox,
  logger,
  MEN,
  MINUTE,
  never,
  readCounts,
  SECOND,
} from "../../../test/support/intake.ts";
import { emptiedDatabase } from "../../../test/support/reused-database.ts";
import { Ticket } from "../../vivenu/wire.ts";
import { poller } from "../polling/poller.ts";
import { applyChanges } from "./apply-changes.ts";
import { countKept } from "./incremental-count.ts";
import { defaultIncremental } from "./incremental-settings.ts";

const database = emptiedDatabase();

/** One event, its tickets in a model of Vivenu, and what is kept of them. */
function stage() {
  const { sql } = database;
  const clock = handClock();
  const model = modelVivenu({ now: clock.now });
  model.putEvent({ ...eventJson(), _id: EVENT_ID, name: "HYROX Frankfurt" });
  const client = clientFor({
    ...{ baseUrl: "https://vivenu.example.com", clock, fetch: model.fetch },
  });
  const polling = poller({
    ...{ sql, filter: hyrox, pageSize: 100, cutoffMs: 2 * SECOND, clock, logger },
    incremental: defaultIncremental,
  });
  const asked = (isAsked: (url: URL) => boolean) => {
    const number = model.urls.filter(isAsked).length;
    model.urls.length = 0;
    return number;
  };
  return {
    ...{ clock, model },
    sell: () => model.put({ eventId: EVENT_ID, ticketTypeId: MEN }),
    poll() {
      clock.forward(HOUR);
      return polling.pollAccount(client, never);
    },
    /** As a webhook has it requested. */
    recount() {
      clock.forward(MINUTE);
      return polling.pollEvent(client, EVENT_ID, never);
    },
    /** Requests for how many tickets the event has, and for all of them. */
    requests: () => ({
      checks: asked(
        ({ searchParams: of }) => of.get("event") === EVENT_ID && of.get("top") === "1",
      ),
    }),
  };
}

const soldOf = async () =>
  (await readCounts(database.sql))
    .at(-1)
    ?.ticketTypes.find(({ ticketTypeId }) => ticketTypeId === MEN)?.sold;

test("a change older than what is kept of a ticket changes nothing", async () => {
  const { clock, model, sell, poll } = stage();
  const [kept, other] = [sell(), sell()];
  await poll();
  const at = (minutes: number) => new Date(clock.now().getTime() + minutes * MINUTE).toISOString();
  const read = (status: "VALID" | "INVALID", updatedAt: string, of = kept) =>
    Ticket.parse({ ...of, status, updatedAt });
  const count = async (...tickets: Ticket[]) => {
    await database.sql.begin(async (tx) => {
      const until = clock.forward(10 * MINUTE);
      await applyChanges(tx, "DACH", { tickets, malformed: [], until, excludes: () => false });
      await countKept(tx, { account: "DACH", eventId: EVENT_ID, at: until });
    });
    return soldOf();
  };
  const [older, newer] = [at(1), at(2)];
  expect(await count(read("INVALID", newer))).toBe(1);
  expect(await count(read("VALID", older))).toBe(1);
  expect(await count(read("VALID", older), read("INVALID", older, other))).toBe(0);
  // Of one moment, what is read last stands.
  expect(await count(read("VALID", newer))).toBe(1);
  expect(model.tickets.size).toBe(2);
});

test("an event of which Vivenu has fewer tickets is counted whole, and the check comes again", async () => {
  const { clock, model, sell, poll, recount, requests } = stage();
  const [lost] = [sell(), sell(), sell()];
  await poll();
  clock.forward(HOUR);
  requests();
  await recount();
  expect(requests().checks).toBe(1);
  expect(await soldOf()).toBe(3);

  // Vivenu tells nobody of a ticket that it has no more.
  model.tickets.delete(lost?._id ?? "");
  await recount();
  expect(requests().checks).toBe(0);
  expect(await soldOf()).toBe(3);
  clock.forward(HOUR);
  await recount();
  expect(await soldOf()).toBe(2);

  requests();
  clock.forward(HOUR);
  await recount();
  expect(requests().checks).toBe(1);
});
