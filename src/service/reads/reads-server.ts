import { api } from "../../api/app.ts";
import { aborted } from "../../lib/abort.ts";
import { answerFault } from "../../lib/http.ts";
import { createMetrics } from "../../lib/metrics.ts";
import { pages } from "../../page/pages.ts";
import { readsTeller } from "../../projections/rebuild/reads-first.ts";
import type { ServeOptions } from "../processes/serve-options.ts";
import type { Parent } from "../processes/supervised.ts";
import { eventFaults } from "../status/event-faults.ts";
import { failingLoops } from "../status/failing.ts";
import { firstLooks } from "./first-looks.ts";
import { handoverOf, sealSecretOf } from "./handover.ts";
import { laterLooks } from "./later-looks.ts";
import { elsewhere, HERE } from "./read-elsewhere.ts";
import { buildReads } from "./reads.ts";

const ONE = { limit: 1 };
/** Those that come next are what people open. */
const SOME = { limit: 30, statuses: ["ON_SALE" as const] };
/** So long after somebody asked, more may be asked by the same. */
const ASKING_MS = 1_000;

/**
 * What is under `/api`, in a process of its own: a workbook takes a second of one thread, and whoever
 * reads much would have the webhooks wait. Who asks it is told by the process at the service's own port.
 */
export async function startReads(options: ServeOptions & { parent: Parent }, signal: AbortSignal) {
  const { config, sql, clock, logger, version, parent } = options;
  const metrics = createMetrics({ version, process: "reads" });
  const tell = () => parent.send({ say: "failing", loops: failing.here() });
  const failing = failingLoops(sql, tell);
  const reads = buildReads({ ...options, failing, faults: eventFaults({ sql, clock, logger }) });
  const app = api({
    ...reads,
    version,
    clock,
    logger,
    isInner: true,
    pages: await pages({ clock }),
    keys: undefined,
    limits: config.http.limits,
    handover: handoverOf(config),
    sealSecret: sealSecretOf(config),
    bounds: config.http.bounds,
    readStatus: elsewhere,
    checkReady: elsewhere,
  });
  const tellRead = readsTeller(sql);
  let askedAt = Number.NEGATIVE_INFINITY;
  const { fetch, allAnswered } = counted(app.fetch);
  const server = Bun.serve({
    port: 0,
    hostname: HERE,
    idleTimeout: 0,
    development: false,
    reusePort: false,
    error: answerFault(logger),
    fetch(request) {
      tellRead();
      askedAt = performance.now();
      return fetch(request);
    },
  });
  parent.send({ say: "listening", port: server.port ?? 0 });
  const readEventId = async () => (await reads.lists.events(ONE)).rows[0]?.eventId;
  const readEventIds = async () => (await reads.lists.events(SOME)).rows.map((row) => row.eventId);
  const looking = { fetch, handover: handoverOf(config), signal };
  const isAsked = () => performance.now() - askedAt < ASKING_MS;
  void firstLooks({ ...looking, readEventId }).then(() =>
    laterLooks({ ...looking, clock, readEventIds, isAsked }),
  );
  // Requests are answered to the end of the drain: whoever started this process ends it after them. What nobody
  // waits for, a look or an answer to who hung up, still asks the pool, which ends behind this.
  const ended = aborted(signal).then(async () => {
    await server.stop(true);
    await allAnswered();
  });
  return { ended, readMetrics: () => metrics.registry.getMetricsAsJSON() };
}

type Fetch = (request: Request) => Response | Promise<Response>;

/** The same, and a promise of all answers that are under way then. */
function counted(answer: Fetch) {
  const underWay = new Set<Promise<Response>>();
  return { fetch, allAnswered: () => Promise.allSettled(underWay) };

  async function fetch(request: Request): Promise<Response> {
    const answered = Promise.resolve(answer(request));
    underWay.add(answered);
    try {
      return await answered;
    } finally {
      underWay.delete(answered);
    }
  }
}
