/** One poll of every account, in a process of its own so that its memory is its own. */
import { pino } from "pino";
import { ACCOUNTS_AT_A_TIME } from "../src/commands/poll.ts";
import { connect } from "../src/database/connect.ts";
import { defaultIncremental } from "../src/intake/counting/incremental-settings.ts";
import { eventFilter } from "../src/intake/events/event-filter.ts";
import { type PollMode, poller } from "../src/intake/polling/poller.ts";
import { systemClock } from "../src/lib/clock.ts";
import { vivenuClient } from "../src/vivenu/client.ts";
import { gate } from "../src/vivenu/gate.ts";
import { sparing } from "../src/vivenu/sparing.ts";

const { BENCH_URL = "", BENCH_VIVENU = "" } = process.env;
const accounts = Number(process.env.BENCH_ACCOUNTS);
const offsetMs = Number(process.env.BENCH_OFFSET_MS);
const mode: PollMode = process.argv[2] === "changes" ? "changes" : "full";
const logger = pino({ level: "silent" });
const clock = { ...systemClock, now: () => new Date(Date.now() + offsetMs) };
const sql = connect(BENCH_URL, { max: 8 });
const startedAt = performance.now();
const { pollAccount } = poller({
  ...{ sql, pageSize: 1_000, cutoffMs: 2_000, clock, logger, incremental: defaultIncremental },
  filter: eventFilter({ name: "hyrox", include: [], exclude: [] }),
});
// As the command does it.
const through = gate(ACCOUNTS_AT_A_TIME);
const summaries = await Promise.all(
  Array.from({ length: accounts }, (_, account) =>
    through(() => {
      const client = vivenuClient({
        ...{ baseUrl: BENCH_VIVENU, apiKey: `key_of_account_${account}`, region: `A${account}` },
        ...{ budget: { take: async () => {} }, clock, logger },
      });
      return pollAccount(sparing(client), new AbortController().signal, { mode });
    }),
  ),
);
const seconds = (performance.now() - startedAt) / 1_000;
await sql.end({ timeout: 5 });
const sum = (of: (summary: (typeof summaries)[number]) => number) =>
  summaries.reduce((total, summary) => total + of(summary), 0);
process.stdout.write(
  `${JSON.stringify({
    seconds,
    mostRequests: Math.max(...summaries.map(({ requests }) => requests)),
    requests: sum(({ requests }) => requests),
    ticketsRead: sum(({ ticketsRead }) => ticketsRead),
    failures: summaries.flatMap(({ failures }) => failures),
    peakMb: await peakMb(),
  })}\n`,
);

/** What the system says of a new process includes the one that started it, where it has `/proc` not. */
async function peakMb() {
  const status = await Bun.file("/proc/self/status")
    .text()
    .catch(() => "");
  const kb = /^VmHWM:\s+(\d+)/m.exec(status)?.[1];
  if (kb !== undefined) return Number(kb) / 1_024;
  return process.resourceUsage().maxRSS / (process.platform === "darwin" ? 2 ** 20 : 1_024);
}
