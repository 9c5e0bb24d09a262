import type { Status } from "../../api/operation/status.ts";
import { problemsOf } from "../../commands/dead-letter-words.ts";
import type { Silence } from "../../database/connect.ts";
import { databaseProblems } from "../../database/write-probe.ts";
import { counted } from "../../lib/counted.ts";
import { ofNobody, type Sentence, someOfEach } from "../../lib/sentence.ts";
import { clockProblem, machineClock, unreadableProblem } from "./clock-problems.ts";
import {
  budgetNotes,
  doorNotes,
  doorProblems,
  pollNotes,
  pollProblems,
  refusedSinceOf,
  sharedSellerProblems,
} from "./status-accounts.ts";
import { NAMED, type StatusFound } from "./status-reads.ts";
import { unclearTypeNotes } from "./unclear-types.ts";
import { zoneNotes, zoneProblems } from "./zone-problems.ts";

const OLD_WAITING_MS = 5 * 60_000;
const LAG_SECONDS = 60;
const SILENCE_MS = 60_000;

interface Shown extends Pick<Status, "accounts" | "log"> {
  now: Date;
}

/** What is wrong, the causes before what may follow from them. */
export const problemsIn = (found: StatusFound, shown: Shown): Sentence[] => {
  const { aheadMs } = found.health;
  const seen = databaseProblems({ unwritable: null, aheadMs });
  const { sentences, others } = machineClock(seen, found.failures);
  return [
    ...databaseProblems({ ...found.health, aheadMs: null }).map(ofNobody),
    ...sentences.map(ofNobody),
    ...othersIn({ ...found, failures: others }, shown),
  ];
};

const othersIn = (found: StatusFound, { accounts, log, now }: Shown): Sentence[] => [
  ...accounts.flatMap((account) => pollProblems(account, now)),
  ...sharedSellerProblems(
    found.sellers,
    accounts.map(({ region }) => region),
  ).map(ofNobody),
  ...accounts.flatMap((one) => doorProblems(one, refusedSinceOf(found.outcomes, one.region))),
  ...silenceProblems(found.silence, now).map(ofNobody),
  // Who cannot write cannot say either that he works.
  ...(found.health.unwritable === null ? found.working : []).map(ofNobody),
  ...found.ofKeys.map(ofNobody),
  ...log.flatMap((one) => lagProblems(one)).map(ofNobody),
  ...found.atTheDoor.problems,
  ...roomProblems("inbox", ["webhook delivery", "webhook deliveries"], found.inbox, now).map(
    ofNobody,
  ),
  ...roomProblems("outbox", ["fact", "facts"], found.outbox, now).map(ofNobody),
  ...setAsideProblems(found.setAside).map(ofNobody),
  ...someOfEach(found.unshown, NAMED),
  ...someOfEach(found.unreadable.map(unreadableProblem), NAMED),
  ...someOfEach(found.wrongClocks.map(clockProblem), NAMED),
  ...zoneProblems(now).map(ofNobody),
  ...problemsOf(deadLettersIn(found), NAMED),
  ...found.failures.map(({ account, loop, message }) => ({ account, text: `${loop}: ${message}` })),
];

/** What somebody should know and nobody has to mend. */
export const notesIn = (
  found: StatusFound,
  {
    accounts,
    perHour,
    settings,
  }: Pick<Shown, "accounts"> & { perHour: number; settings: readonly string[] },
): Sentence[] => [
  ...heldNotes(found.held).map(ofNobody),
  ...remakingNotes(found.toRemake).map(ofNobody),
  ...found.currencies,
  ...unclearTypeNotes(found.typesInDoubt),
  ...zoneNotes(found.zones).map(ofNobody),
  ...found.atTheDoor.notes,
  ...accounts.flatMap((one) => doorNotes(one)),
  ...budgetNotes({
    regions: accounts.map(({ region }) => region),
    ...{ perHour, requests: found.requests },
  }),
  ...accounts.flatMap(pollNotes),
  ...settings.map((note) => ofNobody(`${note}.`)),
];

const deadLettersIn = (found: StatusFound) => [
  ...found.deadDeliveries,
  ...found.unsentFacts,
  ...found.deadFacts,
  ...found.givenUp,
  ...found.worrying,
];

const setAsideProblems = (facts: number) =>
  facts === 0
    ? []
    : [`${counted(facts, "fact")} of the log could not be applied; \`set-aside list\` says why.`];

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
