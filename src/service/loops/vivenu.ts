import { keyWatch } from "../../commands/keys.ts";
import { buildPoller, buildVivenuClient, hintPaceOf } from "../../commands/parts.ts";
import { poll } from "../../commands/poll.ts";
import { vivenuWatch } from "../../commands/vivenu-watch.ts";
import type { Lease } from "../../database/lease.ts";
import type { Priority } from "../../intake/budget.ts";
import { earlyCounts } from "../../intake/early-counts.ts";
import { eventFilter } from "../../intake/filter.ts";
import { following } from "../../intake/following.ts";
import { readLastPolls } from "../../intake/poll-state.ts";
import { dueAccounts } from "../../intake/schedule.ts";
import type { EventDifference } from "../../intake/whole.ts";
import { Failure } from "../../lib/failure.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import type { LoopParts } from "./parts.ts";

/** A poll of all accounts waits for their budgets, and so do counts: hours. */
const POLL_MS = 6 * 3_600_000;

/**
 * Whatever asks Vivenu. Its lease saves requests and is no fence: `poll` runs beside it, and what both
 * record is ordered by when it was read, under a lock for each event.
 */
export function vivenuLoops(given: LoopParts) {
  const { config, sql, clock, log, metrics, failing, run } = given;
  const watch = vivenuWatch({ failing, clock });
  const parts: LoopParts = {
    ...given,
    onRequest(account, outcome) {
      metrics.vivenuRequests.inc({ account, outcome });
      watch.asked(account, outcome);
    },
  };
  const regions = config.vivenu.accounts.map(({ region }) => region);
  const clients = new Map<string, VivenuClient>();

  return function askVivenu(lease: Lease) {
    watch.begin(lease);
    const work = [pollWhenDue(lease), countEarly(lease), followSales(lease)];
    return Promise.all(work).finally(watch.end);
  };

  async function pollWhenDue(lease: Lease) {
    const until = lease.signal;
    const { pollSchedule } = config.vivenu;
    let isFirst = parts.pollOnStart;
    const step = async () => {
      const due = isFirst
        ? regions
        : pollSchedule === undefined
          ? []
          : dueAccounts(pollSchedule, clock.now(), regions, await readLastPolls(sql));
      if (due.length > 0) await poll(parts, until, { regions: due, onDifference });
      isFirst = false;
      return "idle" as const;
    };
    await run("poller", step, { lease, idleMs: 30_000, limitMs: POLL_MS });
  }

  function countEarly(lease: Lease) {
    const hinted = new Map(regions.map((region) => [region, clientOf(region, "hint")]));
    const step = earlyCounts({
      ...{ sql, clock, log, clients: hinted, signal: lease.signal },
      poller: buildPoller(parts, { onDifference }),
      pace: hintPaceOf(config),
    });
    return run("early counts", step, { lease, idleMs: 5_000, limitMs: POLL_MS });
  }

  /** What changed in each account: every minute in a launch, now and then at other times. */
  async function followSales(lease: Lease) {
    const keys = keyWatch({ failing, clock, lease });
    const { step, settled } = following({
      ...{ sql, clock, log, clientOf, accounts: regions, signal: lease.signal },
      filter: eventFilter(config.vivenu.filter),
      poller: buildPoller(parts, { onDifference }),
      pace: config.vivenu.following,
      onFailed: keys.onFailed,
      onFollowed: (followed) => {
        keys.onFollowed(followed);
        failing.clear(followingOf(followed.account), lease);
      },
      onNotFollowed: ({ account, reason }) =>
        failing.note(followingOf(account), reason, clock.now(), lease),
    });
    await run("following", step, { lease, idleMs: 1_000 });
    await settled();
    keys.end();
    for (const account of regions) failing.clear(followingOf(account), lease);
  }

  function onDifference({ account, field, tickets }: EventDifference) {
    metrics.countDifferences.inc({ account, field }, tickets);
  }

  function clientOf(region: string, priority: Priority): VivenuClient {
    const account = config.vivenu.accounts.find((one) => one.region === region);
    if (!account) throw new Failure("missing", `no account ${region} is configured`);
    const known = clients.get(`${region}/${priority}`);
    const client = known ?? buildVivenuClient(account, parts, priority);
    clients.set(`${region}/${priority}`, client);
    return client;
  }
}

const followingOf = (account: string) => `following ${account}`;
