import Ajv from "ajv";
import addFormats from "ajv-formats";
import type { Sql } from "postgres";
import schemas from "./data/schemas.json";
import { type PlayedVivenu, playVivenu, type VivenuOptions } from "./server.ts";

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(schemas, "vivenu");

/** What breaks Vivenu's own schema of this name in `document`; nothing, it is to be hoped. */
export function breaches(schema: string, document: unknown) {
  const validate = ajv.getSchema(`vivenu#/components/schemas/${schema}`);
  if (!validate) throw new Error(`Vivenu has no schema ${schema}`);
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

export const NOON = new Date("2026-11-18T12:00:00.000Z");

/** A clock that stands still until it is moved. */
export function stoppedClock(start = NOON) {
  let at = start;
  return {
    now: () => at,
    forward(ms: number) {
      at = new Date(at.getTime() + ms);
    },
  };
}

/** The small season on a port of its own, without anything happening by itself; `await using` ends it. */
export async function playSmall(sql: Sql, options: Partial<VivenuOptions> = {}) {
  const played = await playVivenu({
    sql,
    port: 0,
    liveSales: false,
    season: "small",
    now: () => NOON,
    log: () => {},
    ...options,
  });
  return { ...clientOf(played), [Symbol.asyncDispose]: played.stop };
}

export interface Page<Row> {
  rows: Row[];
  total: number;
}

export interface TicketAnswer {
  [field: string]: unknown;
  _id: string;
  eventId: string;
  ticketTypeId: string;
  status: string;
  createdAt: string;
  updatedAt: string;
  triggeredBy: string[];
}

export interface EventAnswer {
  _id: string;
  name: string;
  start: string;
  end: string;
  sellStart?: string;
  updatedAt: string;
  tickets: { _id: string; name: string; amount: number; price: number; categoryRef: string }[];
  categories: { amount?: number }[];
  cartAutomationRules: unknown[];
  underShops: { _id: string; sellStart?: string; tickets: { baseTicket: string }[] }[];
}

export function clientOf(played: PlayedVivenu) {
  const keyOf = (region: string) => {
    const account = played.accounts.find((one) => one.region === region);
    if (!account) throw new Error(`no account ${region}`);
    return account.apiKey;
  };
  const ask = (region: string, path: string, init: RequestInit = {}) =>
    fetch(`${played.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${keyOf(region)}`, "content-type": "application/json" },
    });
  /** The answer's JSON; its shape is the caller's word, which the schema tests hold it to. */
  async function get<Answer>(region: string, path: string): Promise<Answer> {
    const response = await ask(region, path);
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return (await response.json()) as Answer;
  }
  const events = (region: string) => get<Page<EventAnswer>>(region, "/api/events?top=1000&skip=0");
  async function event(region: string, name: string) {
    const found = (await events(region)).rows.find((one) => one.name.startsWith(name));
    if (!found) throw new Error(`${region} has no event ${name}`);
    return found;
  }
  async function allTickets(region: string, filter: string) {
    const rows: TicketAnswer[] = [];
    for (let total = 1; rows.length < total; ) {
      const path = `/api/tickets?${filter}&top=1000&skip=${rows.length}`;
      const page = await get<Page<TicketAnswer>>(region, path);
      total = page.total;
      rows.push(...page.rows);
      if (page.rows.length === 0) break;
    }
    return rows;
  }
  const act = (method: string, path: string, body?: unknown) =>
    fetch(`${played.url}/sandbox${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return { ...played, ask, get, events, event, allTickets, act };
}
