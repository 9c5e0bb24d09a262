import { buildPoller, buildVivenuClient } from "../../commands/build/build-vivenu.ts";
import { recountPaceOf } from "../../commands/build/policies.ts";
import { forgetNotedByWrongClock, poll } from "../../commands/poll.ts";
import type { Lease } from "../../database/lease.ts";
import type { EventDifference } from "../../intake/counting/full-count.ts";
import { eventFilter } from "../../intake/events/event-filter.ts";
import { incrementalLoop } from "../../intake/polling/incremental-loop.ts";
import { recounts } from "../../intake/polling/recount-loop.ts";
import { dueAccounts } from "../../intake/polling/schedule.ts";
import { unreadAccounts } from "../../intake/polling/unread-accounts.ts";
import { readLastPolls } from "../../intake/store/poll-state.ts";
import type { Priority } from "../../intake/store/request-budget.ts";
import { Failure } from "../../lib/failure.ts";
import { readLastPolls as readToldPolls } from "../../projections/tables/polls.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import { keyWatch } from "../status/keys.ts";
import { vivenuWatch } from "../status/vivenu-watch.ts";
import { accountWatch } from "./account-watch.ts";
import type { LoopContext } from "./loop-context.ts";

/**
 * Whatever asks Vivenu. Its lease saves requests and is no fence: `poll` runs beside it, and what both
 * record is ordered by when it was read, under a lock for each event.
 */
export function vivenuLoops(given: LoopContext) {
  const { config, sql, clock, logger, metrics, failing, run } = given;
  const vivenu = vivenuWatch({ failing, clock });
  const context: LoopContext = {
    ...given,
    onRequest(account) {
      const over = vivenu.sent(account);
      return (outcome) => {
        if (outcome) metrics.vivenuRequests.inc({ account, outcome });
        if (outcome === "answered") answeredAt.set(account, clock.now().getTime());
        over(outcome);
      };
    },
  };
  const regions = config.vivenu.accounts.map(({ region }) => region);
  const answeredAt = new Map<string, number>();

  return function askVivenu(lease: Lease) {
    vivenu.begin(lease);
    /** Accounts of which a recount found the key refused: a look at their changes tells how it is. */
    const looksWanted = new Set<string>();
    const work = [
      pollWhenDue(lease),
      recountWhenDue(lease, looksWanted),
      countChanges(lease, looksWanted),
    ];
    return Promise.all(work).finally(vivenu.end);
  };

  async function pollWhenDue(lease: Lease) {
    const until = lease.signal;
    const { context: own, watch, stepOf } = accountWatch(context, lease, (one) => `poll of ${one}`);
    const { pollSchedule } = config.vivenu;
    const clientOf = clientsOf(own);
    const answered = unreadAccounts({
      ...{ clock, signal: until },
      clientOf: (account) => clientOf(account, "recount"),
    });
    let isFirst = context.pollOnStart;
    async function readDue(schedule: string) {
      const last = await readLastPolls(sql);
      const due = dueAccounts(schedule, clock.now(), regions, last);
      // What a poll could not read is told by its fact; one that is on its way yet says nothing of the last poll.
      const told = (await readToldPolls(sql)).filter(
        ({ account, startedAt }) =>
          regions.includes(account) &&
          !due.includes(account) &&
          last.get(account)?.startedAt.getTime() === startedAt.getTime(),
      );
      return [...due, ...(await answered(told))];
    }
    const step = async (progress: () => void) => {
      stepOf(progress);
      await forgetNotedByWrongClock(own);
      const due = isFirst ? regions : pollSchedule === undefined ? [] : await readDue(pollSchedule);
      if (due.length > 0) await poll(own, until, { regions: due, onDifference, watch });
      isFirst = false;
      return "idle" as const;
    };
    await run("poller", step, { lease, idleMs: 30_000 });
  }

  function recountWhenDue(lease: Lease, looksWanted: Set<string>) {
    const {
      context: own,
      watch,
      stepOf,
    } = accountWatch(context, lease, (one) => `counts of ${one}`);
    const clientOf = clientsOf(own);
    const clients = new Map(regions.map((region) => [region, clientOf(region, "recount")]));
    const count = recounts({
      sql,
      clock,
      logger,
      clients,
      signal: lease.signal,
      watch,
      poller: buildPoller(own, { onDifference }),
      pace: recountPaceOf(config),
      onKeyRefused: (account) => looksWanted.add(account),
    });
    const step = (progress: () => void) => {
      stepOf(progress);
      return count();
    };
    return run("recounts", step, { lease, idleMs: 5_000 });
  }

  /** What changed in each account: every minute in a launch, now and then at other times. */
  async function countChanges(lease: Lease, looksWanted: Set<string>) {
    const keys = keyWatch({ failing, clock, lease });
    const { context: own, watch } = accountWatch(context, lease, (one) => `sales of ${one}`);
    const isWell = (account: string) => {
      keys.onCounted({ account });
      failing.clear(countsOf(account), lease);
    };
    const { step, ended } = incrementalLoop({
      sql,
      clock,
      logger,
      watch,
      accounts: regions,
      looksWanted,
      signal: lease.signal,
      clientOf: clientsOf(own),
      filter: eventFilter(config.vivenu.filter),
      poller: buildPoller(own, { onDifference }),
      pace: config.vivenu.incrementalPace,
      silence: {
        limitMs: Math.max(SILENT_MS, HOUR_MS / (SILENT_SHARE * config.vivenu.budget.perHour)),
        answeredAt: (account) => answeredAt.get(account),
      },
      onFailed: keys.onFailed,
      onAnswered: isWell,
      onCounted: ({ account }) => isWell(account),
      onNotCounted: ({ account, reason }) =>
        failing.note({ loop: countsOf(account), account }, reason, clock.now(), lease),
    });
    await run("incremental counts", step, { lease, idleMs: 1_000 });
    await ended();
    keys.end();
    for (const account of regions) failing.clear(countsOf(account), lease);
  }

  function onDifference({ account, field, tickets }: EventDifference) {
    metrics.countDifferences.inc({ account, field }, tickets);
  }

  /** The clients of one loop: what is told of their requests is that loop's. */
  function clientsOf(own: LoopContext) {
    const clients = new Map<string, VivenuClient>();
    return (region: string, priority: Priority): VivenuClient => {
      const account = config.vivenu.accounts.find((one) => one.region === region);
      if (!account) throw new Failure("missing", `no account ${region} is configured`);
      const known = clients.get(`${region}/${priority}`);
      const client = known ?? buildVivenuClient(account, own, priority);
      clients.set(`${region}/${priority}`, client);
      return client;
    };
  }
}

/** Within a minute it is told that an account is not answered, also where nothing is to be counted. */
const SILENT_MS = 45_000;
/** Of its budget of requests, for that. */
const SILENT_SHARE = 0.1;
const HOUR_MS = 3_600_000;

const countsOf = (account: string) => `incremental counts of ${account}`;
