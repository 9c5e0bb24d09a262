import type { Random } from "../../sandbox/random.ts";
import type { TestDatabase } from "../support/database.ts";
import { API_KEY, type Outside } from "../support/outside.ts";
import { until } from "../support/stage.ts";
import { compareHours, compareRows, compareSheet, type Rows } from "./compare.ts";
import { auditBooks, compareRebuilt, historyOf, readLog } from "./ledger.ts";
import { readModel } from "./model.ts";

interface Trial {
  own: TestDatabase;
  outside: Outside;
  random: Random;
  url: string;
}

/** What is wrong in rows, sheet, log and books, by what Vivenu says: nothing. */
export async function verdict({ own, outside, random, url }: Trial): Promise<string[]> {
  const model = await readModel(outside);
  const log = await readLog(outside.sql);
  const [given] = await outside.sql<{ up: number }[]>`
    select count(*)::int as up from vivenu.delivery where due_at is null
  `;
  const hours = await own.sql<
    { eventId: string; ticketTypeId: string; hour: Date; kind: string; tickets: number }[]
  >`select event_id, ticket_type_id, hour, kind, tickets from sales_hour`;
  const rows = await readApi(url);
  // The mirror gathers, and looks by itself once a minute: a late write of a dead process is healed then.
  let sheet: string[] = [];
  await until(
    async () => {
      sheet = compareSheet(rows, {
        events: await outside.readTab("Events").catch(() => []),
        ticketTypes: await outside.readTab("Ticket Types").catch(() => []),
      });
      return sheet.length === 0;
    },
    { withinMs: 75_000, what: "the sheet as the rows are" },
  ).catch(() => {});
  const faults = [
    ...((given?.up ?? 0) > 0 ? [`${given?.up} webhooks were refused or given up`] : []),
    ...compareRows(rows, model),
    ...compareHours(hours, model),
    ...sheet,
    ...(await auditBooks(own, log)),
    ...(await compareRebuilt(own, log, random)),
  ];
  const [, wrong] = /^event (\w+): /m.exec(faults.join("\n")) ?? [];
  return wrong === undefined ? faults : [...faults, ...(await historyOf(own, log, wrong))];
}

async function readApi(url: string): Promise<Rows> {
  const all = async <Row>(path: string, name: string) => {
    const rows: Row[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const from: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const response = await fetch(`${url}${path}${from}`, { headers: { "x-api-key": API_KEY } });
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      // The cast: what the API promises is held by its own tests.
      const page = (await response.json()) as Record<string, Row[]> & { nextCursor: string | null };
      rows.push(...(page[name] ?? []));
      cursor = page.nextCursor;
    }
    return rows;
  };
  return {
    events: await all("/api/events?limit=200", "events"),
    ticketTypes: await all("/api/ticket-types?limit=1000", "ticketTypes"),
  };
}
