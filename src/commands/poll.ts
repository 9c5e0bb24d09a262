import type { PollMode, PollSummary, Progress } from "../intake/poller.ts";
import { gate } from "../vivenu/gate.ts";
import { buildPoller, buildVivenuClient, type PollerHooks, type Surroundings } from "./parts.ts";

/** Each holds the tickets of an event that it counts: more at a time take more memory than they save. */
const ACCOUNTS_AT_A_TIME = 3;

export interface PollResult {
  complete: boolean;
  accounts: PollSummary[];
}

export interface PollOptions extends PollerHooks {
  regions?: string[];
  /** Everything, or only what changed since the last time. */
  mode?: PollMode;
}

/** Polls every account, or those named, some at a time. What fails in one stops no other. */
export async function poll(
  surroundings: Surroundings,
  signal: AbortSignal,
  { regions, mode = "full", ...hooks }: PollOptions = {},
): Promise<PollResult> {
  const { accounts } = surroundings.config.vivenu;
  const wanted = regions ?? accounts.map(({ region }) => region);
  const { pollAccount } = buildPoller(surroundings, hooks);
  const through = gate(ACCOUNTS_AT_A_TIME);
  const summaries = await Promise.all(
    accounts
      .filter(({ region }) => wanted.includes(region))
      .map((account) =>
        through(() =>
          pollAccount(buildVivenuClient(account, surroundings, "nightly"), signal, { mode }),
        ),
      ),
  );
  return { complete: summaries.every(({ complete }) => complete), accounts: summaries };
}

/** The result for a person to read. */
export const describeResult = ({ accounts }: PollResult) =>
  accounts
    .flatMap(({ account, eventsCounted, eventsRead, ticketsRead, requests, failures }) => [
      `${account.padEnd(12)} ${eventsCounted} of ${eventsRead} events counted, ${ticketsRead} tickets, ${requests} requests`,
      ...failures.map(({ eventId, reason }) => `  ${eventId ?? "the account"}: ${reason}`),
    ])
    .join("\n");

/** One line on a terminal that grows with the work; nothing where nobody looks. */
export function progressBar(stream: NodeJS.WriteStream) {
  const states = new Map<string, Progress>();
  const startedAt = performance.now();
  if (!stream.isTTY) return { show: () => {}, end: () => {} };
  return {
    show(progress: Progress) {
      states.set(progress.account, progress);
      const all = [...states.values()];
      const done = all.reduce((sum, state) => sum + state.done, 0);
      const of = all.reduce((sum, state) => sum + state.of, 0);
      const width = 30;
      const filled = of === 0 ? 0 : Math.round((done / of) * width);
      const seconds = (performance.now() - startedAt) / 1_000;
      const left = done > 0 ? Math.round((seconds / done) * (of - done)) : undefined;
      const bar = `${"█".repeat(filled)}${"░".repeat(width - filled)}`;
      const rest = left === undefined ? "" : `, about ${left} s left`;
      stream.write(`\r\u001b[K${bar} ${done}/${of} events of ${all.length} accounts${rest}`);
    },
    end: () => void stream.write("\r\u001b[K"),
  };
}
