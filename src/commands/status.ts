import type { Status } from "../api/status.ts";
import { sentencesIn } from "../api/status-sentences.ts";
import { type Silence, silenceOf } from "../database/connect.ts";
import { readSchemaVersion } from "../database/migrate.ts";
import { newestMigration } from "../database/migrations.ts";
import { type DatabaseHealth, databaseProblems, type WriteProbe } from "../database/write-probe.ts";
import { readUnsentFacts } from "../datacore/dead-facts.ts";
import { readOutboxState } from "../datacore/outbox.ts";
import { readDeadDeliveries } from "../intake/store/dead-deliveries.ts";
import { readCurrencyNotes } from "../intake/store/event-currencies.ts";
import { readWorryingEvents } from "../intake/store/event-failures.ts";
import { readInboxState, readLastWebhooks } from "../intake/store/inbox.ts";
import { readOutcomes } from "../intake/store/webhook-outcomes.ts";
import { readWrongClocks } from "../intake/store/wrong-clocks.ts";
import { counted } from "../lib/counted.ts";
import { ofNobody, type Sentence, someOfEach } from "../lib/sentence.ts";
import { zoneData } from "../lib/zones.ts";
import { readGivenUp } from "../notify/dead-notices.ts";
import { readHeld } from "../pathway/held.ts";
import { readCheckpoints } from "../projections/consumer/checkpoint.ts";
import { countDeadLetters, readDeadFacts } from "../projections/consumer/dead-letters.ts";
import { countToRemake } from "../projections/derived/refill-derived.ts";
import { eventZonesReader } from "../projections/queries/event-zones.ts";
import { readSeasonSummary } from "../projections/queries/season-summary.ts";
import { unclearTypesReader } from "../projections/queries/unclear-types.ts";
import { readUnreadableEvents } from "../projections/queries/unreadable-events.ts";
import { readLastPolls } from "../projections/tables/polls.ts";
import type { MirrorState } from "../sheets/sync/mirror-state.ts";
import { clockProblem, unreadableProblem } from "./clock-problems.ts";
import { problemsOf } from "./dead-letter-words.ts";
import { despiteLocks } from "./despite-locks.ts";
import type { EventFaults } from "./event-faults.ts";
import type { Failing } from "./failing.ts";
import { rowPolicyOf, watchedOf } from "./policies.ts";
import {
  allOutcomes,
  doorNotes,
  doorProblems,
  numbersOf,
  outcomesOf,
  pollProblems,
  refusedSinceOf,
} from "./status-accounts.ts";
import type { Surroundings } from "./surroundings.ts";
import { unclearTypeNotes } from "./unclear-types.ts";
import type { WebhookCounts } from "./webhook-counts.ts";
import { zoneNotes, zoneProblems } from "./zone-problems.ts";

const OLD_WAITING_MS = 5 * 60_000;
const LAG_SECONDS = 60;
const SILENCE_MS = 60_000;
/** Of what is set aside, and of events, so many of each account are named; `set-aside list` names all. */
const NAMED = 5;

export interface StatusSources extends Surroundings {
  version: string;
  /** How the sheet's mirror fares; null where no sheet is configured. */
  mirror: () => Promise<Readonly<MirrorState> | null> | null;
  failing: Pick<Failing, "read">;
  /** The events that readers of this process met and could not show. */
  faults?: EventFaults;
  /** What keeps this process from taking webhooks. */
  webhooks?: { read(): Sentence[]; notes(): Sentence[] };
  /** What came of webhook requests, those of this process that are not written yet included. */
  counts?: Pick<WebhookCounts, "read">;
  /** What is wrong with the file of keys. */
  keys?: { problems(): Promise<string[]> } | undefined;
  /** Whether PostgreSQL takes writes, and what time it has. */
  database?: WriteProbe;
  /** What is wrong with the process that runs the loops. */
  worker?: () => Promise<string[]>;
}

/** What /status says, and in plain words what is wrong. */
export function statusReader(sources: StatusSources) {
  const { sql, config, clock, version, mirror, failing, faults, webhooks, worker, counts, keys } =
    sources;
  const readHealth = sources.database ?? (async () => WELL);
  const readEventZones = eventZonesReader(sql);
  const readUnclear = unclearTypesReader(sql, {
    overrides: config.rules.classes,
    ...(faults && { onFault: faults.onFault }),
  });
  const watched = watchedOf(config);
  return () => despiteLocks(sql, read, () => (webhooks?.read() ?? []).map(({ text }) => text));

  async function read(): Promise<Status> {
    const now = clock.now();
    const held = new Map((await readHeld(sql)).map(({ flowType, since }) => [flowType, since]));
    const [
      polls,
      lastWebhooks,
      checkpoints,
      inbox,
      outbox,
      setAside,
      failures,
      typesInDoubt,
      currencies,
      zones,
      unreadable,
      wrongClocks,
      unshown,
      toRemake,
      sheet,
      working,
      ofKeys,
      outcomes,
      summary,
      schema,
      health,
      ...deadLetters
    ] = await Promise.all([
      readLastPolls(sql),
      readLastWebhooks(sql),
      readCheckpoints(sql),
      readInboxState(sql),
      readOutboxState(sql, [...held.keys()]),
      countDeadLetters(sql),
      failing.read(),
      readUnclear(now),
      readCurrencyNotes(sql, now),
      readEventZones(now),
      readUnreadableEvents(sql),
      readWrongClocks(sql, watched),
      faults?.read() ?? [],
      countToRemake(sql, rowPolicyOf(config)),
      mirror(),
      worker?.() ?? [],
      keys?.problems() ?? [],
      counts?.read(now) ?? readOutcomes(sql, now),
      readSeasonSummary(sql, now),
      readSchemaVersion(sql),
      readHealth(),
      readDeadDeliveries(sql, { ofEach: NAMED }),
      readUnsentFacts(sql, { ofEach: NAMED }),
      readDeadFacts(sql, { ofEach: NAMED }),
      // Why a channel fails its loop says, as long as it does.
      readGivenUp(sql, NAMED),
      readWorryingEvents(sql, { ...watched, ofEach: NAMED }),
    ]);
    const pollOf = new Map(polls.map((poll) => [poll.account, poll]));
    const webhookOf = new Map(lastWebhooks.map((seen) => [seen.account, seen.receivedAt]));
    const accounts = config.vivenu.accounts.map(({ region }) => {
      const poll = pollOf.get(region);
      return {
        region,
        lastPollAt: poll?.finishedAt.toISOString() ?? null,
        lastPollComplete: poll?.complete ?? null,
        lastPoll: poll ? numbersOf(poll) : null,
        lastWebhookAt: webhookOf.get(region)?.toISOString() ?? null,
        webhooks: outcomesOf(outcomes, region),
        failures: poll?.failures ?? [],
      };
    });
    const log = checkpoints.map(({ flowType, checkpoint, newestSeen, readAt }) => ({
      flowType,
      checkpoint: checkpoint.toISOString(),
      newestSeen: newestSeen.getTime() === 0 ? null : newestSeen.toISOString(),
      readAt: readAt.toISOString(),
      lagSeconds: Math.max(0, Math.round((now.getTime() - readAt.getTime()) / 1_000)),
      heldSince: held.get(flowType)?.toISOString() ?? null,
    }));
    const problems: Sentence[] = [
      ...databaseProblems(health).map(ofNobody),
      ...accounts.flatMap((account) => pollProblems(account, now)),
      ...accounts.flatMap((one) => doorProblems(one, refusedSinceOf(outcomes, one.region))),
      ...silenceProblems(silenceOf(sql), now).map(ofNobody),
      // Who cannot write cannot say either that he works.
      ...(health.unwritable === null ? working : []).map(ofNobody),
      ...ofKeys.map(ofNobody),
      ...log.flatMap((one) => lagProblems(one)).map(ofNobody),
      ...(webhooks?.read() ?? []),
      ...roomProblems("inbox", ["webhook delivery", "webhook deliveries"], inbox, now).map(
        ofNobody,
      ),
      ...roomProblems("outbox", ["fact", "facts"], outbox, now).map(ofNobody),
      ...(setAside > 0
        ? [
            ofNobody(
              `${counted(setAside, "fact")} of the log could not be applied; \`set-aside list\` says why.`,
            ),
          ]
        : []),
      ...someOfEach(unshown, NAMED),
      ...someOfEach(unreadable.map(unreadableProblem), NAMED),
      ...someOfEach(wrongClocks.map(clockProblem), NAMED),
      ...zoneProblems(now).map(ofNobody),
      ...problemsOf(deadLetters.flat(), NAMED),
      ...failures.map(({ account, loop, message }) => ({ account, text: `${loop}: ${message}` })),
    ];
    const notes: Sentence[] = [
      ...heldNotes(held).map(ofNobody),
      ...remakingNotes(toRemake).map(ofNobody),
      ...currencies,
      ...unclearTypeNotes(typesInDoubt),
      ...zoneNotes(zones).map(ofNobody),
      ...(webhooks?.notes() ?? []),
      ...accounts.flatMap((one) => doorNotes(one)),
      ...config.notes.map((note) => ofNobody(`${note}.`)),
    ];
    return {
      status: problems.length === 0 ? "ok" : "degraded",
      version,
      versions: {
        service: version,
        schema,
        schemaOfService: newestMigration(),
        zones: zoneData.version,
        runtime: `Bun ${Bun.version}`,
      },
      now: now.toISOString(),
      ...sentencesIn(problems, notes),
      summary,
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

/**
 * Before the log was ever read to its end there is no last time: until then it counts as read as far as it has
 * come, so that the two are the same.
 */
function lagProblems({
  flowType,
  lagSeconds,
  heldSince,
  readAt,
  checkpoint,
}: Status["log"][number]) {
  if (lagSeconds === null || lagSeconds <= LAG_SECONDS || heldSince !== null) return [];
  if (readAt === checkpoint)
    return [
      `${flowType} is read for the first time and not through yet: what was stored up to ${checkpoint} is in the rows.`,
    ];
  return [`${flowType} was last read ${lagSeconds} s ago.`];
}

/** Who does not write has nothing to find out. */
const WELL: DatabaseHealth = { unwritable: null, aheadMs: null };

/** It is no problem: what is shown meanwhile was right under the settings that it was made under. */
const remakingNotes = (events: number) =>
  events === 0
    ? []
    : [
        `${counted(events, "event has", "events have")} rows that are yet to be made under the present settings; until then they are shown as they were.`,
      ];

/** It is no problem: somebody wants it so. */
const heldNotes = (held: ReadonlyMap<string, Date>) =>
  [...held].map(
    ([flowType, since]) =>
      `${flowType} is held on purpose since ${since.toISOString()}, by the Data Pathway in Flowcore's console: what came since is recorded, and shown when it is resumed there.`,
  );

/** For a minute after the last: who looks then should know why webhooks were answered 503. */
function silenceProblems(silence: Silence | undefined, now: Date) {
  if (!silence || now.getTime() - silence.lastAt.getTime() > SILENCE_MS) return [];
  return [
    `PostgreSQL fell silent at ${silence.lastAt.toISOString()}: connections were closed, ${silence.connections} since the start, and new ones opened.`,
  ];
}

interface Room {
  waiting: number;
  oldestWaitingAt: Date | null;
  failing: number;
  refused: number;
}

type Words = readonly [one: string, more: string];

function roomProblems(name: string, [one, more]: Words, room: Room, now: Date) {
  const { waiting, oldestWaitingAt, failing, refused } = room;
  const isOld = oldestWaitingAt && now.getTime() - oldestWaitingAt.getTime() > OLD_WAITING_MS;
  const wait = counted(waiting, `${one} waits`, `${more} wait`);
  const needLook = refused === 1 ? "was refused and needs" : "were refused and need";
  return [
    ...(isOld ? [`${wait} in the ${name} since ${oldestWaitingAt.toISOString()}.`] : []),
    ...(failing > 0
      ? [`In the ${name} some ${more} fail and are tried again: ${failing} of ${waiting}.`]
      : []),
    ...(refused > 0 ? [`${counted(refused, one, more)} in the ${name} ${needLook} a look.`] : []),
  ];
}
