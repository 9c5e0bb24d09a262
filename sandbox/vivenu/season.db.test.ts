import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TestDatabase } from "../../test/support/database.ts";
import { playedDatabase } from "../../test/support/played-database.ts";
import frankfurt from "./data/frankfurt-2025.json";
import paris from "./data/paris-2025.json";
import { readEvents } from "./events.ts";
import { readOverview } from "./page.ts";
import { type PlayedVivenu, playVivenu } from "./server.ts";
import { readStock } from "./stock.ts";
import { breaches, clientOf, NOON } from "./testing.ts";

const SOLD = ["VALID", "DETAILSREQUIRED"];

let database: TestDatabase;
let vivenu: ReturnType<typeof clientOf>;
let played: PlayedVivenu;
const said: string[] = [];

beforeAll(async () => {
  database = await playedDatabase();
  played = await playVivenu({
    sql: database.sql,
    port: 0,
    liveSales: false,
    now: () => NOON,
    log: (line) => said.push(line),
  });
  vivenu = clientOf(played);
});

afterAll(async () => {
  await played.stop();
  await database[Symbol.asyncDispose]();
});

const everyEvent = async () =>
  (
    await Promise.all(
      played.accounts.map(async ({ region }) =>
        (await vivenu.events(region)).rows.map((event) => ({ region, event })),
      ),
    )
  ).flat();

test("a season has forty HYROX events over nine accounts, and five others to leave out", async () => {
  const events = await everyEvent();
  const hyrox = events.filter(({ event }) => /hyrox/i.test(event.name));
  expect(
    Object.fromEntries(
      Map.groupBy(hyrox, ({ region }) => region)
        .entries()
        .map(([region, all]) => [region, all.length]),
    ),
  ).toEqual({
    DACH: 5,
    FRANCE: 6,
    ITALY: 4,
    BENELUX: 5,
    SWITZERLAND: 2,
    USA: 9,
    CANADA: 2,
    AUSTRALIA: 4,
    NORWAY: 3,
  });
  expect(events.length - hyrox.length).toBe(5);
  for (const { event } of hyrox) {
    expect(event.tickets.length).toBeGreaterThanOrEqual(15);
    expect(event.tickets.length).toBeLessThanOrEqual(80);
    expect(new Set(event.tickets.map(({ _id }) => _id)).size).toBe(event.tickets.length);
  }
});

test("events are in every state of their sale", async () => {
  const { events } = await readOverview(database.sql, NOON);
  const states = new Set(events.map(({ state }) => state));
  expect([...states].sort()).toEqual(["closed", "draft", "on sale", "past", "planned", "presale"]);
  const turin = (await readEvents(database.sql)).find(({ document }) =>
    document.name.startsWith("HYROX Torino"),
  );
  const stock = turin && (await readStock(database.sql, turin));
  const paid = turin?.document.tickets.filter(({ name }) => /HYROX/.test(name)) ?? [];
  const free = Object.values(turin?.partners ?? {}).map(({ typeId }) => typeId);
  const left = paid.filter(({ _id }) => !free.includes(_id) && stock?.of(_id) !== 0);
  expect(left.map(({ name }) => name)).toEqual([]);
});

test("every event of every account keeps to Vivenu's schema", async () => {
  for (const { region } of played.accounts) {
    const page = await vivenu.get(region, "/api/events?top=25&skip=0");
    expect(breaches("GET_Events_GetAllEvents_200_response", page)).toEqual([]);
  }
});

test("tickets of every account keep to Vivenu's schema", async () => {
  for (const { region } of played.accounts) {
    const page = await vivenu.get(region, "/api/tickets?top=200&skip=0");
    expect(breaches("GET_Tickets_GetAllTickets_200_response", page)).toEqual([]);
  }
});

for (const counted of [frankfurt, paris]) {
  test(`${counted.event} has exactly the tickets that were counted`, async () => {
    const event = await vivenu.event(counted.region, counted.event);
    const tickets = await vivenu.allTickets(counted.region, `event=${event._id}`);
    expect(tickets.length).toBe(counted.totalTicketRecords);
    expect(new Set(tickets.map(({ _id }) => _id)).size).toBe(counted.totalTicketRecords);

    const valid = tickets.filter(({ status }) => SOLD.includes(status));
    const sold = Map.groupBy(valid, ({ ticketTypeId }) => ticketTypeId);
    const listed = event.tickets.filter(({ name }) =>
      counted.ticketTypes.some((type) => type.name === name),
    );
    expect(
      listed.map(({ _id, name, amount }) => ({
        name,
        capacity: amount,
        sold: sold.get(_id)?.length ?? 0,
      })),
    ).toEqual(counted.ticketTypes);
    expect(valid.filter(({ triggeredBy }) => triggeredBy.length > 0).length).toBe(
      partners(counted),
    );
    expect(tickets.filter(({ status }) => status === "RESERVED" || status === "BLANK")).toEqual([]);
  });

  test(`${counted.event} is over, with automation rules and without undershops or category amounts`, async () => {
    const event = await vivenu.event(counted.region, counted.event);
    const teams = counted.ticketTypes.filter(({ name }) => /DOUBLES|RELAY/.test(name));
    expect(event.cartAutomationRules.length).toBe(teams.length);
    expect(event.underShops).toEqual([]);
    expect(event.categories.every(({ amount }) => amount === undefined)).toBe(true);
    expect(new Date(event.end) < NOON).toBe(true);
  });
}

/** One free ticket comes with a pair, three with a team. */
const partners = ({ ticketTypes }: typeof frankfurt) =>
  ticketTypes.reduce((sum, { name, sold }) => {
    const each = name.includes("RELAY") ? 3 : name.includes("DOUBLES") ? 1 : 0;
    return sum + sold * each;
  }, 0);

test("no ticket is made or changed after the season's own moment", async () => {
  const [late] = await database.sql`
    select count(*)::int as count from vivenu.ticket where created_at > ${NOON} or updated_at > ${NOON}
  `;
  expect(late?.count).toBe(0);
});

test("about a hundred thousand tickets are there, of every status and origin", async () => {
  const [all] = await database.sql`
    select count(*)::int as count, count(distinct status)::int as statuses,
           count(distinct origin)::int as origins,
           count(*) filter (where under_shop_id is not null)::int as shop,
           count(*) filter (where origin_ticket_id is not null)::int as replaced,
           count(*) filter (where real_price = 0 and transaction_id is null)::int as free
    from vivenu.ticket
  `;
  expect(all?.count).toBeGreaterThan(90_000);
  expect(all?.count).toBeLessThan(115_000);
  expect(all).toMatchObject({ statuses: 5, origins: 4 });
  for (const kind of ["shop", "replaced", "free"]) expect(all?.[kind]).toBeGreaterThan(300);
});

test("a mass import shares one createdAt and does not fit a page", async () => {
  const berlin = await vivenu.event("DACH", "HYROX Berlin");
  const tickets = await vivenu.allTickets("DACH", `event=${berlin._id}`);
  const sizes = [...Map.groupBy(tickets, ({ createdAt }) => createdAt).values()].map(
    ({ length }) => length,
  );
  expect(Math.max(...sizes)).toBeGreaterThanOrEqual(1200);
});

test("a seller sells in other currencies than its own", async () => {
  const currencies = async (region: string) => {
    const [row] = await database.sql`
      select array_agg(distinct currency order by currency) as all
      from vivenu.event where region = ${region}
    `;
    return {
      seller: (await vivenu.get<{ currency: string }>(region, "/api/sellers/me")).currency,
      events: row?.all,
    };
  };
  expect(await currencies("AUSTRALIA")).toEqual({ seller: "AUD", events: ["AUD", "NZD"] });
  expect(await currencies("NORWAY")).toEqual({ seller: "NOK", events: ["DKK", "NOK", "SEK"] });
});

test("the season page names events and shows no key", async () => {
  const page = await (await fetch(`${played.url}/sandbox`)).text();
  expect(page).toContain("HYROX Frankfurt 2025");
  expect(page).toContain("19257");
  expect(page).not.toContain("key_");
  expect(page).not.toContain("@example.com");
});
