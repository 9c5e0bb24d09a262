import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { connect } from "../src/database/connect.ts";
import { migrate } from "../src/database/migrate.ts";
import { ofBench, raisePostgres } from "./ending.ts";
import { type LightSeason, lightVivenu } from "./light-vivenu.ts";
import { say } from "./load.ts";

const ACCOUNTS = 4;
const DAY_MS = 86_400_000;

interface Measured {
  seconds: number;
  requests: number;
  mostRequests: number;
  ticketsRead: number;
  failures: unknown[];
  peakMb: number;
}

/**
 * A season's tickets, counted ours and the usual way, at Vivenu's real answer times played faster: (a)
 * first count, (b) a day on which nothing changed, (c) one on which 1 % did, (d) every ticket at
 * `top=1000`, (e) the same at `top=100`; and the nightly full count apart.
 */
export async function pollBench({
  events,
  tickets,
  factor,
}: {
  events: number;
  tickets: number;
  factor: number;
}): Promise<void> {
  const server = await raisePostgres();
  const admin = connect(server.url.href, { max: 1 });
  const season: LightSeason = {
    ...{ accounts: ACCOUNTS, events, ticketsPerEvent: Math.ceil(tickets / events), factor },
    ...{ order: "sorted", until: Date.now() - 3_600_000 },
  };
  const vivenu = lightVivenu(season);
  say(
    `${vivenu.tickets()} tickets of ${events} events in ${ACCOUNTS} accounts, ${vivenu.fullPages()} pages of 1,000; answers ${factor} times as fast as Vivenu's`,
  );
  try {
    const sorted = await database("sorted");
    const a = await ours("(a) first count, answers sorted", sorted, "full");
    say(`  ${(a.requests / vivenu.fullPages()).toFixed(2)} times the full pages (at most 1.15)`);
    await expectSold(sorted);
    const factsBefore = await factsOf(sorted);
    const b = await ours("(b) unchanged day", sorted, "changes", DAY_MS);
    const added = (await factsOf(sorted)).slice(factsBefore.length);
    say(
      `  ${b.mostRequests} requests an account at most (at most 3), facts: ${added.join(", ") || "none"}`,
    );
    vivenu.sell(0.01, Date.now() + 1.5 * DAY_MS);
    const c = await ours("(c) a day with 1 % changed", sorted, "changes", 2 * DAY_MS);
    await expectSold(sorted);
    const nightly = await ours("    nightly full count", sorted, "full", 2.1 * DAY_MS);
    await expectSold(sorted);
    vivenu.reorder("shuffled");
    const shuffled = await ours(
      "(a) first count, answers shuffled",
      await database("shuffled"),
      "full",
      3 * DAY_MS,
    );
    say(
      `  ${(shuffled.requests / vivenu.fullPages()).toFixed(2)} times the full pages (at most 3)`,
    );
    vivenu.reorder("sorted");
    const d = await usual("(d) every ticket, top=1000", 1_000);
    const e = await usual("(e) every ticket, top=100", 100);
    say(`\n(c) / (d) 1/${(d.requests / c.requests).toFixed(0)} of the requests (at most 1/25)`);
    say(
      `(a) / (d) ${(a.requests / d.requests).toFixed(2)}, nightly / (d) ${(nightly.requests / d.requests).toFixed(2)}, (e) / (d) ${(e.requests / d.requests).toFixed(1)}`,
    );
    const peak = Math.max(...[a, b, c, nightly, shuffled].map(({ peakMb }) => peakMb));
    say(`peak memory ${Math.round(peak)} MB (below 256)`);
  } finally {
    vivenu.stop();
    await admin.end({ timeout: 5 });
    await server.stop();
  }

  async function database(name: string) {
    await admin`create database ${admin(name)}`;
    const { href } = Object.assign(new URL(server.url), { pathname: `/${name}` });
    const sql = connect(href, { max: 1 });
    await migrate(sql);
    await sql.end({ timeout: 5 });
    return href;
  }

  async function ours(name: string, url: string, mode: string, offsetMs = 0): Promise<Measured> {
    vivenu.taken();
    const measured = await runPart(mode, {
      ...{ BENCH_URL: url, BENCH_VIVENU: vivenu.url, BENCH_ACCOUNTS: String(ACCOUNTS) },
      BENCH_OFFSET_MS: String(offsetMs),
    });
    report(name, measured.requests, measured.seconds);
    say(`  ${measured.ticketsRead} tickets read, peak memory ${Math.round(measured.peakMb)} MB`);
    if (measured.requests !== vivenu.taken())
      throw new Error("requests were made that nobody counted");
    if (measured.failures.length > 0) throw new Error(JSON.stringify(measured.failures));
    return measured;
  }

  /** Page after page, one at a time in each account, and no proof that it was all. */
  async function usual(name: string, top: number) {
    const startedAt = performance.now();
    vivenu.taken();
    await Promise.all(
      Array.from({ length: ACCOUNTS }, async (_, account) => {
        const headers = { authorization: `Bearer key_of_account_${account}` };
        for (const eventId of vivenu.eventIds(account))
          for (let skip = 0; ; skip += top) {
            const path = `/api/tickets?event=${eventId}&top=${top}&skip=${skip}`;
            const { total } = (await (await fetch(vivenu.url + path, { headers })).json()) as {
              total: number;
            };
            if (skip + top >= total) break;
          }
      }),
    );
    const requests = vivenu.taken();
    report(name, requests, (performance.now() - startedAt) / 1_000);
    return { requests };
  }

  function report(name: string, requests: number, seconds: number) {
    say(`${name}: ${requests} requests, ${seconds.toFixed(1)} s`);
  }

  async function expectSold(url: string) {
    const sql = connect(url, { max: 1 });
    const [row] = await sql<{ sold: number }[]>`
      select sum((type ->> 'sold')::int)::int as sold
      from count_seen, jsonb_array_elements(ticket_types) as type
    `;
    await sql.end({ timeout: 5 });
    if (row?.sold !== vivenu.sold())
      throw new Error(`counted ${row?.sold} sold, Vivenu has ${vivenu.sold()}`);
    say(`  exact: ${row.sold} sold`);
  }

  async function factsOf(url: string) {
    const sql = connect(url, { max: 1 });
    const rows = await sql<
      { eventType: string }[]
    >`select event_type from outbox order by outbox_id`;
    await sql.end({ timeout: 5 });
    return rows.map(({ eventType }) => eventType);
  }
}

async function runPart(mode: string, environment: Record<string, string>): Promise<Measured> {
  const child = spawn(process.execPath, ["bench/poll-part.ts", mode], {
    env: { PATH: process.env.PATH ?? "", ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  ofBench(child);
  let last = "";
  for await (const line of createInterface({ input: child.stdout })) last = line;
  // The cast: our own child process wrote the line.
  return JSON.parse(last) as Measured;
}
