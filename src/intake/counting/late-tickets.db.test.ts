import { expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import {
  handClock,
  hyrox,
  MINUTE,
  never,
  playedVivenu,
  readCounts,
  SECOND,
} from "../../../test/support/intake.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { SalesCounted } from "../../contracts/index.ts";
import { messageOf } from "../../lib/failure.ts";
import { poller } from "../polling/poller.ts";

const REQUEST_MS = 400;

interface Launch {
  /** A ticket is listed so long after it was made at the latest, each after a time of its own. */
  lateMs: number;
  cutoffMs: number;
  rounds: number;
}

/** An account in which tickets are sold with each page that is read, counted in every way that there is. */
async function countLaunch({ lateMs, cutoffMs, rounds }: Launch) {
  await using database = await reusedDatabase();
  const { sql } = database;
  const clock = handClock();
  await using vivenu = await playedVivenu(clock);
  const { logger, lines } = recordingLog();
  const client = vivenu.client("DACH", {
    fetch: (url, init) => {
      clock.forward(REQUEST_MS);
      return fetch(url, init);
    },
  });
  const { pollAccount, countChanges, pollEvent } = poller({
    ...{ sql, filter: hyrox, pageSize: 20, cutoffMs, clock, logger },
    incremental: { overlapMs: 10 * MINUTE, checkMs: SECOND },
  });
  vivenu.faults.set({
    lateTickets: { account: "DACH", maxMs: lateMs },
    changingTickets: { account: "DACH", sales: 3 },
  });
  const eventIds = (await vivenu.events("DACH")).rows.map(({ _id }) => _id);
  const incomplete: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { failures } = await pollAccount(client, never);
    incomplete.push(...failures.map(({ reason }) => reason));
    await countChanges(client, never);
    for (const eventId of eventIds)
      await pollEvent(client, eventId, never).catch((error) => incomplete.push(messageOf(error)));
  }
  const { injected } = vivenu.faults.read();
  vivenu.faults.clear();
  const tickets = await vivenu.allTickets("DACH", "type=SINGLE");
  return {
    injected,
    incomplete,
    /** Where one way to count found another one wrong. */
    doubts: lines.filter((line) => /"count\.(healed|doubted)"/.test(line)),
    wrong: wrongOf(await readCounts(sql), tickets),
  };
}

interface Sold {
  eventId: string;
  ticketTypeId: string;
  status: string;
  createdAt: string;
}

/** What each count says is sold of a ticket type, where it is not what was sold by then. */
function wrongOf(counts: readonly SalesCounted[], tickets: readonly Sold[]) {
  const sold = tickets.filter(({ status }) => ["VALID", "DETAILSREQUIRED"].includes(status));
  return counts.flatMap(({ eventId, countedAt, ticketTypes }) =>
    ticketTypes
      .map((type) => ({
        ...{ eventId, countedAt, ticketTypeId: type.ticketTypeId, counted: type.sold },
        wereSold: sold.filter(
          (ticket) =>
            ticket.eventId === eventId &&
            ticket.ticketTypeId === type.ticketTypeId &&
            ticket.createdAt <= countedAt,
        ).length,
      }))
      .filter(({ counted, wereSold }) => counted !== wereSold),
  );
}

test("where Vivenu lists a ticket within the delay that is set, no count in a launch is incomplete or wrong", async () => {
  const { injected, ...found } = await countLaunch({ lateMs: 4_900, cutoffMs: 5_000, rounds: 2 });
  expect(found).toEqual({ incomplete: [], doubts: [], wrong: [] });
  expect(injected.changingTickets).toBeGreaterThan(50);
  expect(injected.lateTickets).toBeGreaterThan(50);
});

test("where it takes longer than that, counts end as incomplete, or miss what is listed too late", async () => {
  const { incomplete, wrong } = await countLaunch({ lateMs: 20_000, cutoffMs: 2_000, rounds: 1 });
  expect(incomplete.length + wrong.length).toBeGreaterThan(0);
  expect(wrong.filter(({ counted, wereSold }) => counted > wereSold)).toEqual([]);
});
