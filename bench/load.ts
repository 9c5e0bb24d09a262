/** Milliseconds of each answer, sorted, and how many were not 2xx. */
export interface Outcome {
  ms: number[];
  failed: number;
}

/**
 * An open loop: requests start by the clock, whether the ones before were answered or not, so a server
 * that stalls is measured as its callers feel it.
 */
export async function sendAtRate(
  perSecond: number,
  seconds: number,
  send: (index: number) => Promise<Response>,
): Promise<Outcome> {
  const total = perSecond * seconds;
  const ms: number[] = [];
  let failed = 0;
  const pending: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < total; index += 1) {
    const dueAt = startedAt + (index * 1_000) / perSecond;
    const early = dueAt - performance.now();
    if (early > 1) await Bun.sleep(early);
    pending.push(
      send(index).then(
        async (response) => {
          await response.arrayBuffer();
          if (!response.ok) failed += 1;
          ms.push(performance.now() - dueAt);
        },
        () => {
          failed += 1;
        },
      ),
    );
  }
  await Promise.all(pending);
  return { ms: ms.sort((a, b) => a - b), failed };
}

/** So many callers that each ask again when they are answered: answers a second. */
export async function sendAsManyAsCan(
  seconds: number,
  send: (index: number) => Promise<Response>,
  callers = 8,
): Promise<number> {
  const startedAt = performance.now();
  const until = startedAt + seconds * 1_000;
  let sent = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < until) {
        sent += 1;
        await (await send(sent)).arrayBuffer();
      }
    }),
  );
  return sent / ((performance.now() - startedAt) / 1_000);
}

export const percentile = (sorted: number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;

export const describeMs = ({ ms, failed }: Outcome) =>
  `p50 ${percentile(ms, 0.5).toFixed(1)} ms, p95 ${percentile(ms, 0.95).toFixed(1)} ms, p99 ${percentile(ms, 0.99).toFixed(1)} ms, ${ms.length} answers, ${failed} failed`;

export const say = (line: string) => void process.stdout.write(`${line}\n`);
