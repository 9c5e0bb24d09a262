import type { PollSummary, Progress } from "../intake/poller.ts";
import type { Surroundings } from "./parts.ts";
import { buildPoller, buildVivenuClient } from "./parts.ts";

export interface PollResult {
  complete: boolean;
  accounts: PollSummary[];
}

/** Polls every account at once, or those named. What fails in one stops no other. */
export async function poll(
  surroundings: Surroundings,
  signal: AbortSignal,
  options: { regions?: string[]; onProgress?: (progress: Progress) => void } = {},
): Promise<PollResult> {
  const { accounts } = surroundings.config.vivenu;
  const wanted = options.regions ?? accounts.map(({ region }) => region);
  const { pollAccount } = buildPoller(surroundings, options.onProgress);
  const summaries = await Promise.all(
    accounts
      .filter(({ region }) => wanted.includes(region))
      .map((account) => pollAccount(buildVivenuClient(account, surroundings), signal)),
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
