import { api } from "../api/app.ts";
import type { SalesWanted } from "../api/sales.ts";
import { flowTypes } from "../contracts/index.ts";
import { type Lease, type LeaseOptions, whileHolding } from "../database/lease.ts";
import { isCurrent } from "../database/migrate.ts";
import { courier, KEEP_CONFIRMED_MS } from "../datacore/courier.ts";
import { OUTBOX_CHANNEL } from "../datacore/outbox.ts";
import type { Priority } from "../intake/budget.ts";
import { earlyCounts } from "../intake/early-counts.ts";
import { eventFilter } from "../intake/filter.ts";
import { following } from "../intake/following.ts";
import { INBOX_CHANNEL } from "../intake/inbox.ts";
import { readLastPolls } from "../intake/poll-state.ts";
import { dueAccounts } from "../intake/schedule.ts";
import { translator } from "../intake/translate.ts";
import type { EventDifference } from "../intake/whole.ts";
import { aborted } from "../lib/abort.ts";
import { Failure, messageOf } from "../lib/failure.ts";
import { answerFault, withOrigin } from "../lib/http.ts";
import { redactText } from "../lib/log.ts";
import { loop, type Wake, wake } from "../lib/loop.ts";
import { createMetrics } from "../lib/metrics.ts";
import { within } from "../lib/time-limit.ts";
import { consumer } from "../projections/consumer/consumer.ts";
import { ROWS_CHANNEL } from "../projections/consumer/page.ts";
import { setAsideRetrier } from "../projections/consumer/set-aside.ts";
import { readEventPage, readTicketTypePage } from "../projections/queries/lists.ts";
import { readSalesCurve } from "../projections/queries/sales-curve.ts";
import { readEventRows } from "../projections/queries/shown.ts";
import { projections } from "../projections/tables/index.ts";
import { download, downloadNames } from "../sheets/files.ts";
import type { Mirror } from "../sheets/mirror.ts";
import type { VivenuClient } from "../vivenu/client.ts";
import { eventFaults } from "./event-faults.ts";
import { failingLoops } from "./failing.ts";
import { keyWatch } from "./keys.ts";
import { measure } from "./measure.ts";
import { metricsText, serveMetrics } from "./metrics-server.ts";
import {
  buildChangesReader,
  buildDatacore,
  buildPoller,
  buildVivenuClient,
  buildWebhooks,
  capacityPolicyOf,
  hintPaceOf,
  type Surroundings,
} from "./parts.ts";
import { poll } from "./poll.ts";
import { buildMirrors, sheetReader } from "./sheets.ts";
import { standingWatch } from "./standing.ts";
import { statusReader } from "./status.ts";
import { vivenuWatch } from "./vivenu-watch.ts";
import { webhookProblems } from "./webhook-problems.ts";

/** Told when facts were sent: whoever reads the log may look. */
const FACTS_CHANNEL = "facts";

/** As /status calls what the courier cannot deliver to. */
const DATACORE = "the datacore";

const HEARTBEAT_MS = 1_000;
const SILENT_MS = 15_000;
/** What has not ended by then hangs, and is left behind: nothing it still does can be committed. */
const LOOPS_STOP_MS = 3_000;
const REQUESTS_STOP_MS = 2_000;
/** Below what a cluster waits for the answer: 3 s. */
const READY_MS = 2_500;

/** A pass over days of the log; that nothing was read for a minute is told all the same. */
const READING_MS = 600_000;
/** A new sheet of a whole season takes Google a while. */
const SYNC_MS = 120_000;
/** A poll of all accounts waits for their budgets, and so do counts: hours. */
const POLL_MS = 6 * 3_600_000;

interface RunOptions {
  lease?: Lease;
  idleMs: number;
  woken?: Wake;
  /** How long a step may be under way. */
  limitMs?: number;
}

export interface ServeOptions extends Surroundings {
  version: string;
  /** Polls every account at once, whether it is due or not. */
  pollOnStart: boolean;
  onListening?: (port: number) => void;
}

/**
 * HTTP, and the loops between Vivenu and the rows. Any number of replicas: each answers and
 * translates, and of courier, consumer, mirror and poller one in all runs. Returns when `signal`
 * aborts and everything has been put away.
 */
export async function serve(given: ServeOptions, signal: AbortSignal): Promise<void> {
  const { config, sql, clock, log, version } = given;
  const metrics = createMetrics({ version });
  const options: ServeOptions = {
    ...given,
    onRequest(account, outcome) {
      metrics.vivenuRequests.inc({ account, outcome });
      vivenu.asked(account, outcome);
    },
    onSheetRequest: (outcome) => metrics.sheetRequests.inc({ outcome }),
  };
  const datacore = buildDatacore(config);
  const failing = failingLoops(sql);
  const vivenu = vivenuWatch({ failing, clock });
  /** Of what this process reads for others; a loop has a watch of its own, for it may hold a lease. */
  const reads = standingWatch(standingTold());
  const now = () => clock.now();
  const webhookTroubles = webhookProblems(clock);
  const regions = config.vivenu.accounts.map(({ region }) => region);
  const clients = new Map<string, VivenuClient>();
  const bells = await listen();
  const faults = eventFaults({ sql, clock, log });
  const { onFault } = faults;
  const readChanges = buildChangesReader(config, sql, onFault);
  const sheet = { ...options, settings: config.sheet, readChanges, onFault };
  /** The first is `GOOGLE_SHEET_ID`'s, the others are copies of it. */
  const mirrors = buildMirrors(sheet);
  const mirrorState = () => mirrors[0]?.state ?? null;
  const readSheet = sheetReader(sheet);

  const app = api({
    version,
    clock,
    log,
    keys: config.http.keys?.map((key) => key.reveal()),
    origins: config.http.origins,
    bounds: config.http.bounds,
    regions: config.vivenu.regions,
    readRows: ({ eventId }) => reads.watch("reading rows", now, () => readRowsOf(eventId)),
    lists: {
      events: (wanted) =>
        reads.watch("reading rows", now, () => readEventPage(sql, wanted, rowsNow())),
      ticketTypes: (wanted) =>
        reads.watch("reading rows", now, () => readTicketTypePage(sql, wanted, rowsNow())),
    },
    readChanges: (wanted) => reads.watch("reading changes", now, () => readChanges(wanted)),
    readSales: (id, wanted) => reads.watch("reading sales", now, () => readSales(id, wanted)),
    readStatus: statusReader({
      ...{ ...options, mirror: mirrorState, failing, faults },
      webhooks: webhookTroubles,
    }),
    isReady: async () => {
      if (signal.aborted) throw new Failure("unavailable", "This process is stopping.");
      return within(READY_MS, () => isCurrent(sql));
    },
    metrics: readMetrics,
    downloads: {
      names: downloadNames,
      read: async (name) =>
        download(name, {
          rows: await reads.watch("reading the sheet's rows", now, readSheet),
          settings: config.sheet.layout,
          now: clock.now(),
        }),
    },
    webhooks: buildWebhooks(options, metrics, webhookTroubles.note),
  });
  const server = Bun.serve({
    port: config.http.port,
    hostname: config.http.host,
    // The webhooks have limits of their own, told in an answer and a metric; Bun only hangs up.
    maxRequestBodySize: 4 * config.vivenu.webhooks.bodyLimitBytes,
    idleTimeout: 30,
    development: false,
    error: answerFault(log),
    fetch: async (request, own) => {
      const response = await app.fetch(withOrigin(request), own);
      // Who keeps a connection open would send its next request to a process that is gone.
      if (signal.aborted) response.headers.set("connection", "close");
      return response;
    },
  });
  const { metricsPort: port, host: hostname } = config.http;
  const metricsServer =
    port === undefined ? undefined : serveMetrics({ port, hostname, log }, readMetrics);
  log.info({ port: server.port, version, environment: config.environment }, "service.started");
  for (const note of config.notes) log.warn({ note }, "settings.unread");
  options.onListening?.(server.port ?? config.http.port);

  const idleMs = config.reading.pollIntervalMs;
  const loops = Promise.all([
    run("translator", translate(), { woken: bells.inbox, idleMs }),
    holding("courier", (lease) =>
      run("courier", carry(lease), { lease, woken: bells.outbox, idleMs }).finally(() =>
        failing.clear(DATACORE, lease),
      ),
    ),
    holding("consumer", (lease) =>
      Promise.all([...flowTypes.map((flowType) => follow(flowType, lease)), retryFailed(lease)]),
    ),
    // Its lease saves requests and is no fence: `poll` runs beside it, and what both record is ordered
    // by when it was read, under a lock for each event.
    holding("poller", (lease) => {
      vivenu.begin(lease);
      const work = [pollWhenDue(lease), countEarly(lease), followSales(lease)];
      return Promise.all(work).finally(vivenu.end);
    }),
    // Google can not be fenced: a late write of who lost the lease is found and undone at the next look.
    mirrors.length > 0 && holding("mirror", (lease) => Promise.all(mirrors.map(reflect(lease)))),
  ]);
  await Promise.race([loops, aborted(signal)]);
  log.info({ drainMs: config.http.drainMs }, "service.stopping");
  await Promise.all([
    Promise.race([loops, clock.pause(LOOPS_STOP_MS)]),
    clock.pause(config.http.drainMs),
  ]);
  await Promise.race([server.stop(), clock.pause(REQUESTS_STOP_MS)]);
  await Promise.all([server.stop(true), metricsServer?.stop(true)]);
  datacore.close();
  log.info("service.stopped");

  function readMetrics() {
    const budget = { accounts: regions, perHour: config.vivenu.budget.perHour };
    return metricsText(metrics, () =>
      measure({ sql, clock, log, metrics, budget, failing, mirror: mirrorState }),
    );
  }

  function rowsNow() {
    const { classes } = config.rules;
    return { now: clock.now(), policy: capacityPolicyOf(config), classes, onFault };
  }

  function readRowsOf(eventId: string) {
    return readEventRows(sql, eventId, rowsNow());
  }

  async function readSales(eventId: string, wanted: SalesWanted) {
    const { events, ticketTypes } = await readRowsOf(eventId);
    const [event] = events;
    if (!event) return undefined;
    const { countedClasses } = capacityPolicyOf(config);
    const rows = { event, ticketTypes };
    const sales = await readSalesCurve(sql, { rows, countedClasses, ...wanted });
    return { timezone: event.timezone, sales };
  }

  function translate() {
    const filter = eventFilter(config.vivenu.filter);
    return translator({ sql, filter, pace: hintPaceOf(config), clock, log });
  }

  function carry(lease: Lease) {
    const { signal, check } = lease;
    return courier({
      sql,
      signal,
      check,
      datacore,
      clock,
      log,
      concurrency: 16,
      batchSize: 200,
      unconfirmedMs: config.sending.unconfirmedMs,
      keepConfirmedMs: KEEP_CONFIRMED_MS,
      onSent: () => void sql.notify(FACTS_CHANNEL, "").catch(() => {}),
      onResent: () => metrics.factsResent.inc(),
      onOutage: (reason) => {
        if (reason === undefined) return failing.clear(DATACORE, lease);
        const told = `it takes no facts: ${redactText(reason)}. They wait, and it is asked again and again.`;
        failing.note(DATACORE, told, clock.now(), lease);
      },
    });
  }

  function follow(flowType: string, lease: Lease) {
    const { check, signal: until } = lease;
    const bell = bellAmong(bells.facts, until);
    const step = consumer({
      flowType,
      datacore,
      sql,
      projections,
      settings: config.reading,
      clock,
      log,
      check,
      signal: until,
      onApplied: ({ pass, applied, setAside, ages }) => {
        metrics.factsApplied.inc({ flow_type: flowType }, applied);
        metrics.factsSetAside.inc({ flow_type: flowType }, setAside);
        for (const age of ages) metrics.factAge.observe({ flow_type: flowType, pass }, age);
      },
    });
    const limitMs = READING_MS;
    return run(`consumer of ${flowType}`, step, { lease, woken: bell, idleMs, limitMs });
  }

  /** Facts that could not be applied by nobody's intention are tried a few times more. */
  function retryFailed(lease: Lease) {
    const { signal: until } = lease;
    const { retryDue } = setAsideRetrier({
      ...{ sql, datacore, projections, clock, log, signal: until },
    });
    return run("facts set aside", retryDue, { lease, idleMs: 5_000 });
  }

  function reflect(lease: Lease) {
    return (mirror: Mirror, index: number) => {
      const name = index === 0 ? "the sheet" : `copy ${index} of the sheet`;
      const syncs = standingWatch(standingTold(lease), SYNC_MS);
      return mirror.run(lease.signal, bellAmong(bells.rows, lease.signal), {
        watch: (sync) => syncs.watch(name, now, sync),
        onSuccess() {
          failing.clear(name, lease);
          noteCells(name, mirror.state.unshown, lease);
        },
        onFailure: (error) => failing.note(name, redactText(messageOf(error)), clock.now(), lease),
      });
    };
  }

  /** Cells that cannot be worked out: the sheet is written without them. */
  function noteCells(name: string, unshown: readonly string[], lease: Lease) {
    const [first, ...others] = unshown;
    const cells = `cells of ${name}`;
    if (first === undefined) return failing.clear(cells, lease);
    const more = others.length > 0 ? `, and ${others.length} more` : "";
    failing.note(cells, `they cannot be shown: ${first}${more}.`, clock.now(), lease);
  }

  async function pollWhenDue(lease: Lease) {
    const until = lease.signal;
    const { pollSchedule } = config.vivenu;
    let isFirst = options.pollOnStart;
    const step = async () => {
      const due = isFirst
        ? regions
        : pollSchedule === undefined
          ? []
          : dueAccounts(pollSchedule, clock.now(), regions, await readLastPolls(sql));
      if (due.length > 0) await poll(options, until, { regions: due, onDifference });
      isFirst = false;
      return "idle" as const;
    };
    await run("poller", step, { lease, idleMs: 30_000, limitMs: POLL_MS });
  }

  function onDifference({ account, field, tickets }: EventDifference) {
    metrics.countDifferences.inc({ account, field }, tickets);
  }

  function clientOf(region: string, priority: Priority): VivenuClient {
    const account = config.vivenu.accounts.find((one) => one.region === region);
    if (!account) throw new Failure("missing", `no account ${region} is configured`);
    const known = clients.get(`${region}/${priority}`);
    const client = known ?? buildVivenuClient(account, options, priority);
    clients.set(`${region}/${priority}`, client);
    return client;
  }

  function countEarly(lease: Lease) {
    const hinted = new Map(regions.map((region) => [region, clientOf(region, "hint")]));
    const step = earlyCounts({
      ...{ sql, clock, log, clients: hinted, signal: lease.signal },
      poller: buildPoller(options, { onDifference }),
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
      poller: buildPoller(options, { onDifference }),
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

  function standingTold(lease?: Lease) {
    return {
      onStanding(name: string, since: Date) {
        const told = `it is under way since ${since.toISOString()} and does not end.`;
        failing.note(name, told, clock.now(), lease);
        log.error({ work: name, since }, "work.standing");
      },
      onGoing: (name: string) => failing.clear(name, lease),
    };
  }

  /** A loop that says in /status that it fails or stands still, for as long as it does. */
  async function run(
    name: string,
    step: () => Promise<"more" | "idle">,
    { lease, idleMs, woken = wake(), limitMs }: RunOptions,
  ) {
    const steps = standingWatch(standingTold(lease), limitMs);
    const stepAndNote = async () => {
      const outcome = await steps.watch(name, now, step);
      failing.clear(name, lease);
      return outcome;
    };
    const onFailure = (error: unknown, failures: number) => {
      failing.note(name, redactText(messageOf(error)), clock.now(), lease);
      log.error({ loop: name, failures, error }, "loop.failed");
    };
    const until = lease?.signal ?? signal;
    await loop(stepAndNote, { clock, idleMs, signal: until, woken, onFailure });
    failing.clear(name, lease);
  }

  function holding(name: string, work: (lease: Lease) => Promise<unknown>) {
    metrics.leaseHeld.set({ lease: name }, 0);
    const url = config.database.url.reveal();
    const lease: LeaseOptions = {
      ...{ url, name, clock, log, signal },
      heartbeatMs: HEARTBEAT_MS,
      silentMs: SILENT_MS,
      onTurn: (isHolder) => metrics.leaseHeld.set({ lease: name }, isHolder ? 1 : 0),
    };
    return whileHolding(lease, async (held) => void (await work(held)));
  }

  /** One bell for each channel, rung by PostgreSQL and so by every replica. */
  async function listen() {
    const [facts, rows] = [new Set<Wake>(), new Set<Wake>()];
    const [inbox, outbox] = [wake(), wake()];
    const on = (channel: string, ring: () => void) =>
      // Rung once more when the connection is there again: what was told meanwhile was not heard.
      sql.listen(channel, ring, ring);
    await on(INBOX_CHANNEL, inbox.ring);
    await on(OUTBOX_CHANNEL, outbox.ring);
    await on(ROWS_CHANNEL, () => ringAll(rows));
    await on(FACTS_CHANNEL, () => ringAll(facts));
    return { inbox, outbox, rows, facts };
  }
}

const followingOf = (account: string) => `following ${account}`;

/** A bell of its own for whoever waits until `until` aborts: a bell has room for one. */
function bellAmong(bells: Set<Wake>, until: AbortSignal): Wake {
  const bell = wake();
  bells.add(bell);
  until.addEventListener("abort", () => bells.delete(bell), { once: true });
  return bell;
}

function ringAll(bells: Set<Wake>) {
  for (const bell of bells) bell.ring();
}
