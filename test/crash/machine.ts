import { applyManifest } from "../../src/commands/datacore.ts";
import { loadConfig } from "../../src/config/config.ts";
import { flowTypes } from "../../src/contracts/index.ts";
import { flowcore } from "../../src/datacore/flowcore.ts";
import { KEEP_CONFIRMED_MS, outboxRelay } from "../../src/datacore/outbox-relay.ts";
import { readDataCoreId } from "../../src/datacore/provision.ts";
import { defaultIncremental } from "../../src/intake/counting/incremental-settings.ts";
import { eventFilter } from "../../src/intake/events/event-filter.ts";
import { poller } from "../../src/intake/polling/poller.ts";
import { sharedBudget } from "../../src/intake/store/request-budget.ts";
import { webhooks } from "../../src/intake/webhooks/receive.ts";
import { translator } from "../../src/intake/webhooks/translate.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { isFailure, messageOf } from "../../src/lib/failure.ts";
import { createLogger } from "../../src/lib/logger.ts";
import { consumer } from "../../src/projections/consumer/consumer.ts";
import { defaultPasses } from "../../src/projections/consumer/passes.ts";
import { projectionsFor } from "../../src/projections/derived/projections.ts";
import { changedRowsReader } from "../../src/projections/queries/changed-rows.ts";
import { readRows } from "../../src/projections/queries/rows.ts";
import { defaultPolicy } from "../../src/rules/capacity.ts";
import { googleSpreadsheet } from "../../src/sheets/google/google.ts";
import { createMirror } from "../../src/sheets/sync/mirror.ts";
import { vivenuClient } from "../../src/vivenu/client.ts";
import { freshDatabase } from "../support/database.ts";
import { playOutside, reservePort } from "../support/outside.ts";

/** How long any outside system is waited for: what hangs is to cost little. */
const TIMEOUT_MS = 250;
const PACE = { debounceMs: 30_000, intervalMs: 60_000 };

/** A clock that nobody waits for: whoever pauses finds the time gone. */
function hurriedClock() {
  let ahead = 0;
  const clock: Clock = {
    now: () => new Date(Date.now() + ahead),
    async pause(ms) {
      ahead += ms;
    },
  };
  const advance = (ms: number) => {
    ahead += ms;
  };
  return { clock, advance };
}

export type Machine = Awaited<ReturnType<typeof raiseMachine>>;

/** Every part of the service on real PostgreSQL, turned by hand, in a world whose time is ours. */
export async function raiseMachine() {
  const { clock, advance } = hurriedClock();
  const own = await freshDatabase();
  const { port, release } = reservePort();
  const outside = await playOutside({ season: "small", port, now: clock.now });
  release();
  const config = loadConfig({ ...outside.environment, DATABASE_URL: own.url });
  await applyManifest(config);
  const { tenant, dataCore, baseUrl } = config.flowcore;
  const apiKey = config.flowcore.apiKey.reveal();
  const lines: string[] = [];
  const logger = createLogger("warn", { write: (line) => void lines.push(line) });
  const { sql } = own;
  const around = { sql, clock, logger };
  const running = new AbortController();
  const filter = eventFilter(config.vivenu.filter);
  const surprises: string[] = [];

  const datacore = flowcore({
    ...{ tenant, apiKey, baseUrl, ingestTimeoutMs: TIMEOUT_MS, readTimeoutMs: TIMEOUT_MS },
    dataCoreId: () => readDataCoreId({ tenant, dataCore, apiKey, baseUrl }),
  });
  const app = webhooks({
    ...around,
    accounts: config.vivenu.accounts.map(({ region, webhookKeys, sellerId }) => ({
      region,
      keys: webhookKeys.map((key) => key.reveal()),
      sellerId,
    })),
    mode: "dev",
    maxBytes: config.vivenu.webhooks.bodyLimitBytes,
    ...{ roomBytes: 32_000_000, answerWithinMs: 8_000 },
    pace: PACE,
    onVerdict: () => {},
  });
  const server = Bun.serve({ port, hostname: "127.0.0.1", fetch: app.fetch });
  const translate = translator({ ...around, filter, pace: PACE });
  const check = async () => {};
  const carry = outboxRelay({
    ...{ ...around, datacore, concurrency: 8, batchSize: 200, onSent: () => {} },
    check,
    unconfirmedMs: 30_000,
    keepConfirmedMs: KEEP_CONFIRMED_MS,
  });
  const projections = projectionsFor({ policy: defaultPolicy });
  const consumers = flowTypes.map((flowType) =>
    consumer({
      ...{ ...around, flowType, datacore, projections, check },
      settings: { ...defaultPasses, onStartBuckets: 3 },
    }),
  );
  const { privateKey, ...google } = config.google ?? fail("the sheet is not configured");
  const spreadsheet = googleSpreadsheet({
    ...{ spreadsheetId: google.spreadsheetId, serviceAccountEmail: google.serviceAccountEmail },
    ...{ privateKey: privateKey.reveal(), timeoutMs: TIMEOUT_MS },
    ...(google.baseUrl && { baseUrl: google.baseUrl }),
  });
  const rows = () => readRows(sql, { now: clock.now(), policy: defaultPolicy });
  const readShown = changedRowsReader(sql, { policy: defaultPolicy });
  const mirror = createMirror({
    spreadsheet,
    readRows: () => readShown(clock.now()),
    ...{ clock, logger },
  });
  const { pollAccount } = poller({
    ...{ ...around, filter, pageSize: 1_000, cutoffMs: 0, incremental: defaultIncremental },
  });
  const clients = config.vivenu.accounts.map(({ region, apiKey }) =>
    vivenuClient({
      ...{ baseUrl: config.vivenu.baseUrl, apiKey: apiKey.reveal(), region },
      budget: sharedBudget({ sql, account: region, ...config.vivenu.budget, clock }),
      ...{ clock, logger, timeoutMs: TIMEOUT_MS },
    }),
  );

  /** A fault of the outside world is a failure of a kind that is known; anything else is ours. */
  async function attempt(name: string, step: () => Promise<unknown>) {
    try {
      await step();
      return true;
    } catch (error) {
      if (!isFailure(error)) surprises.push(`${name}: ${messageOf(error)}`);
      return false;
    }
  }

  return {
    own,
    outside,
    lines,
    /** What failed in a way that no fault of the outside world excuses. */
    surprises,
    clock,
    advance,
    rows,
    async poll() {
      const results = await Promise.all(
        clients.map((client) => pollAccount(client, running.signal)),
      );
      return results.every(({ complete }) => complete);
    },
    /** Every part has a turn, and half a minute goes by. */
    async turn() {
      await outside.vivenu.deliverDue();
      await attempt("translator", async () => {
        while ((await translate()) === "more");
      });
      await attempt("courier", carry);
      await Promise.all(consumers.map((step) => attempt("consumer", step)));
      advance(31_000);
    },
    mirror: () => attempt("mirror", mirror.sync),
    async [Symbol.asyncDispose]() {
      running.abort();
      await server.stop(true);
      datacore.close();
      await outside[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    },
  };
}

function fail(reason: string): never {
  throw new Error(reason);
}
