import type { Status } from "../../api/operation/status.ts";
import { sentencesIn } from "../../api/operation/status-sentences.ts";
import { newestMigration } from "../../database/migrations.ts";
import { zoneData } from "../../lib/zones.ts";
import { despiteLocks } from "./despite-locks.ts";
import { inWords } from "./in-words.ts";
import { allOutcomes, numbersOf, outcomesOf } from "./status-accounts.ts";
import { notesIn, problemsIn } from "./status-problems.ts";
import { type StatusFound, type StatusSources, statusReads } from "./status-reads.ts";

/** What /status says, and in plain words what is wrong. */
export function statusReader(sources: StatusSources) {
  const { sql, config, clock, version, webhooks } = sources;
  const readAll = statusReads(sources);
  const alsoWrong = () => (webhooks?.read() ?? []).map(({ text }) => text);
  return () => inWords(sql, despiteLocks(sql, read, alsoWrong));

  async function read(): Promise<Status> {
    const now = clock.now();
    const found = await readAll(now);
    const { outcomes, sheet, inbox, outbox, setAside, toRemake, typesInDoubt, zones } = found;
    const accounts = accountsOf(config, found);
    const log = logOf(found, now);
    const problems = problemsIn(found, { accounts, log, now });
    const { perHour } = config.vivenu.budget;
    const notes = notesIn(found, { accounts, perHour, settings: config.notes });
    return {
      status: problems.length === 0 ? "ok" : "degraded",
      version,
      versions: {
        service: version,
        schema: found.schema,
        schemaOfService: newestMigration(),
        zones: zoneData.version,
        runtime: `Bun ${Bun.version}`,
      },
      now: now.toISOString(),
      ...sentencesIn(problems, notes),
      summary: found.summary,
      accounts,
      webhooks: allOutcomes(outcomes),
      log,
      inbox: { ...inbox, oldestWaitingAt: inbox.oldestWaitingAt?.toISOString() ?? null },
      outbox: { ...outbox, oldestWaitingAt: outbox.oldestWaitingAt?.toISOString() ?? null },
      setAside,
      toRemake,
      typesInDoubt,
      zones: { ...zoneData, ...zones },
      sheet: sheet && {
        lastSyncAt: sheet.lastSyncAt,
        lastWriteAt: sheet.lastChangeAt,
        cellsWritten: sheet.cellsWritten,
        lastFailure: sheet.lastFailure && {
          at: sheet.lastFailure.at,
          reason: sheet.lastFailure.message,
        },
      },
    };
  }
}

function accountsOf({ vivenu }: StatusSources["config"], found: StatusFound) {
  const pollOf = new Map(found.polls.map((poll) => [poll.account, poll]));
  const webhookOf = new Map(found.lastWebhooks.map((seen) => [seen.account, seen.receivedAt]));
  return vivenu.accounts.map(({ region }) => {
    const poll = pollOf.get(region);
    return {
      region,
      lastPollAt: poll?.finishedAt.toISOString() ?? null,
      lastPollComplete: poll?.complete ?? null,
      lastPoll: poll ? numbersOf(poll) : null,
      lastWebhookAt: webhookOf.get(region)?.toISOString() ?? null,
      webhooks: outcomesOf(found.outcomes, region),
      failures: poll?.failures ?? [],
    };
  });
}

const logOf = ({ checkpoints, held }: StatusFound, now: Date) =>
  checkpoints.map(({ flowType, checkpoint, newestSeen, readAt }) => ({
    flowType,
    checkpoint: checkpoint.toISOString(),
    newestSeen: newestSeen.getTime() === 0 ? null : newestSeen.toISOString(),
    readAt: readAt.toISOString(),
    lagSeconds: Math.max(0, Math.round((now.getTime() - readAt.getTime()) / 1_000)),
    heldSince: held.get(flowType)?.toISOString() ?? null,
  }));
