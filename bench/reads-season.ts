import { playDatacore } from "../sandbox/datacore/server.ts";
import type { NewFact } from "../src/contracts/index.ts";
import { connect } from "../src/database/connect.ts";
import { provision } from "../src/datacore/provision.ts";
import {
  eventUpdated,
  salesChanged,
  salesCounted,
  ticketType,
  typeCount,
} from "../test/support/facts.ts";
import { raisePostgres } from "./ending.ts";
import { at, idOf } from "./reads-kinds.ts";
import { CORE, ingest, KEY, manifestTypes, TENANT } from "./replay.ts";

export const API_KEY = "an-api-key-for-benchmarks";
const ACCOUNTS = ["DACH", "FRANCE", "ITALY"];
export const COUNTS = 3;
/** Ticket types of each event whose price changed. */
const CHANGED = 5;
const BATCH = 20;

const DAYS = ["Thursday", "Friday", "Saturday", "Sunday"];

/** Divisions by days, as organisers name them: an event of 165 types has 42 by 4. */
const nameOf = (type: number) =>
  `HYROX MEN ${Math.floor(type / DAYS.length)} | ${DAYS[type % DAYS.length]}`;

/** A tenth of the events is over and another yet to launch; of each some prices changed. */
function* factsOf(events: number, types: number): Generator<NewFact> {
  for (let event = 0; event < events; event += 1) {
    const eventId = idOf(event);
    const ids = Array.from({ length: types }, (_, type) => idOf(20_000 + type));
    const isOver = event % 10 === 9;
    const race = isOver ? 200 + Math.floor(event / 2) : 4_000 + event * 3;
    for (const [hour, price] of [
      [event % 24, 9_900],
      [40 + (event % 24), 10_900],
    ] as const)
      yield eventUpdated({
        ...{ eventId, name: `HYROX ${event}`, account: ACCOUNTS[event % 3] ?? "DACH" },
        ...{ updatedAt: at(hour), observedAt: at(hour), start: at(race), end: at(race + 40) },
        ...{ sellStart: at(isOver ? 0 : (event % 20) * 60), sellEnd: at(race - 10) },
        ticketTypes: ids.map((ticketTypeId, type) =>
          ticketType({
            ...{ ticketTypeId, name: nameOf(type), amount: 200 },
            priceMinor: type < CHANGED ? price : 9_900,
          }),
        ),
      });
    for (let count = 0; count < COUNTS; count += 1) {
      const said = {
        ...{ eventId, countedAt: at(30 + count), observedAt: at(30 + count) },
        idempotencyKey: `sales.counted/DACH/${eventId}/${count}`,
      };
      const sold = (some: string[]) =>
        some.map((ticketTypeId, type) =>
          typeCount({
            ...{ ticketTypeId, sold: ((event + type) % 190) + count },
            newSales: { [at(20 + (type % 9)).slice(0, 13)]: ((event + type) % 190) + count },
          }),
        );
      yield count === 0
        ? salesCounted({ ...said, ticketTypes: sold(ids) })
        : salesChanged({ ...said, ticketTypes: sold(ids.slice(0, 3)) });
    }
  }
}

export interface Played {
  environment: Record<string, string>;
  createDatabase(name: string): Promise<string>;
}

/** A season in a played log, and a server for the databases that it is replayed into. */
export async function playSeason(events: number, types: number): Promise<Played & AsyncDisposable> {
  const server = await raisePostgres();
  const admin = connect(server.url.href, { max: 1 });
  const createDatabase = async (name: string) => {
    await admin`create database ${admin(name)}`;
    return Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  };
  const sql = connect(await createDatabase("played"), { max: 8 });
  const datacore = await playDatacore({
    ...{ sql, port: 0, apiKey: KEY, tenant: TENANT, now: () => new Date(), log: () => {} },
  });
  const to = { tenant: TENANT, dataCore: CORE, apiKey: KEY, baseUrl: datacore.url };
  const dataCore = { name: CORE, description: "", deleteProtection: false, isPublic: false };
  const { dataCoreId } = await provision(to, {
    dataCore: { ...dataCore, flowTypes: manifestTypes() },
  });
  const facts = [...factsOf(events, types)];
  for (let from = 0; from < facts.length; from += BATCH)
    await ingest(datacore.url, dataCoreId, facts.slice(from, from + BATCH));
  return {
    createDatabase,
    environment: {
      PATH: process.env.PATH ?? "",
      ...{ FLOWCORE_TENANT: TENANT, FLOWCORE_DATA_CORE: CORE, FLOWCORE_API_KEY: KEY },
      ...{ FLOWCORE_DATA_CORE_ID: dataCoreId, FLOWCORE_BASE_URL: datacore.url },
      ...{ BACKEND_API_KEY: API_KEY, API_RATE_LIMIT: "100000000" },
      ...{ LOG_LEVEL: "error", POLL_SCHEDULE: "off" },
      // Nobody is there: nothing is asked of Vivenu.
      VIVENU_BASE_URL: "http://127.0.0.1:9",
      ...Object.fromEntries(
        ACCOUNTS.flatMap((region) => [
          [`${region}_API`, `key_of_${region}`],
          [`${region}_WEBHOOK_SECRET`, `a-webhook-key-for-${region}`],
        ]),
      ),
    },
    async [Symbol.asyncDispose]() {
      await datacore.stop();
      await sql.end({ timeout: 5 });
      await admin.end({ timeout: 5 });
      await server.stop();
    },
  };
}
