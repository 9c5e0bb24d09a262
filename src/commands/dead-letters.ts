import { hostname, userInfo } from "node:os";
import {
  type Act,
  type ActDone,
  type DeadLetter,
  readActs,
  readLastActs,
  recordActs,
} from "../database/dead-letter.ts";
import { dropUnsent, outboxIdOf, readUnsentFacts, releaseUnsent } from "../datacore/dead-facts.ts";
import {
  deliveryIdOf,
  dropDeliveries,
  readDeadDeliveries,
  releaseDeliveries,
} from "../intake/store/dead-deliveries.ts";
import { eventOfLetter, readFailingEvents, retryEvents } from "../intake/store/event-failures.ts";
import { Failure } from "../lib/failure.ts";
import {
  dropNotices,
  noticeIdOf,
  readDeadNotices,
  releaseNotices,
} from "../notify/outbox/dead-notices.ts";
import {
  type DeadFact,
  dropFacts,
  isFactId,
  readDeadFacts,
  undropFacts,
} from "../projections/consumer/dead-letters.ts";
import { deadLetterRetrier } from "../projections/consumer/retry-dead-letters.ts";
import { projectionsFor } from "../projections/derived/projections.ts";
import { buildDatacore } from "./build/build-datacore.ts";
import { rowPolicyOf } from "./build/policies.ts";
import type { Surroundings } from "./build/surroundings.ts";
import { WrongUsage } from "./run/outcome.ts";

/** What of `set-aside list` an act is on. */
export interface Chosen {
  /** None are all. */
  ids?: readonly string[];
  /** Those too that were dropped. */
  all?: boolean;
}

export interface Listed extends DeadLetter {
  /** What was done with it last. */
  lastAct: Omit<ActDone, "id"> | null;
}

/** What could not be worked on in any queue, oldest first. */
export async function listDeadLetters({ sql }: Pick<Surroundings, "sql">, chosen: Chosen = {}) {
  const letters = await readLetters(sql, chosen);
  const acted = await readLastActs(
    sql,
    letters.map(({ id }) => id),
  );
  return letters.map((letter): Listed => {
    const { id: _, ...lastAct } = acted.get(letter.id) ?? { id: "" };
    return { ...letter, lastAct: "act" in lastAct ? lastAct : null };
  });
}

async function readLetters(
  sql: Surroundings["sql"],
  { ids, all = false }: Chosen,
): Promise<(DeadLetter | DeadFact)[]> {
  const isKnown = (id: string) =>
    isFactId(id) || deliveryIdOf(id) || outboxIdOf(id) || noticeIdOf(id) || eventOfLetter(id);
  const wrong = ids?.find((id) => !isKnown(id));
  if (wrong !== undefined)
    throw new WrongUsage(`${wrong} is no id of what is set aside; \`set-aside list\` shows them`);
  const wanted = { ids, all: all || ids !== undefined };
  const queues = await Promise.all([
    readDeadDeliveries(sql, wanted),
    readUnsentFacts(sql, wanted),
    readDeadFacts(sql, wanted),
    readFailingEvents(sql, wanted),
    readDeadNotices(sql, wanted),
  ]);
  const found = queues.flat().sort((a, b) => a.at.getTime() - b.at.getTime());
  const has = (id: string) => found.some((one) => one.id.toLowerCase() === id.toLowerCase());
  const missing = ids?.find((id) => !has(id));
  if (missing !== undefined)
    throw new Failure("missing", `${missing} is not set aside; \`set-aside list\` shows what is`);
  return found;
}

export type Done = Pick<ActDone, "id" | "outcome" | "reason">;

/**
 * Tries again after a fix: facts of the log here and now, all else is due again for the running
 * service. Also what nobody wanted, where it is named.
 */
export async function retryDeadLetters(
  surroundings: Surroundings,
  signal: AbortSignal,
  { ids, by }: Pick<Chosen, "ids"> & Actor,
): Promise<Done[]> {
  const { config, sql, clock, logger } = surroundings;
  const letters = await readLetters(sql, { ...(ids && { ids }) });
  const facts = letters.filter((letter): letter is DeadFact => "timeBucket" in letter);
  const released = await release(surroundings, letters, { act: "retry", by });
  if (facts.length === 0) return released;
  const datacore = buildDatacore(config);
  try {
    await undropFacts(
      sql,
      facts.map(({ id }) => id),
    );
    const projections = projectionsFor(rowPolicyOf(config));
    const { retry } = deadLetterRetrier({ sql, datacore, projections, clock, logger, signal });
    const retried = await retry(facts);
    const at = clock.now();
    await recordActs(
      sql,
      retried.map((one) => ({ ...one, act: "retry", by, at })),
    );
    return [...released, ...retried];
  } finally {
    datacore.close();
  }
}

interface Actor {
  /** Who does it. */
  by: string;
}

/** What Flowcore refused to take, and webhooks that could not be translated, are tried again after a fix. */
export async function releaseRefused(
  surroundings: Pick<Surroundings, "sql" | "clock">,
  { ids, by }: Pick<Chosen, "ids"> & Actor,
): Promise<Done[]> {
  const letters = await readLetters(surroundings.sql, { ...(ids && { ids }) });
  const fact = ids?.find((id) => isFactId(id));
  if (fact !== undefined)
    throw new WrongUsage(`${fact} is in the log already: \`set-aside retry\` applies it`);
  return release(surroundings, letters, { act: "release", by });
}

function release(
  { sql, clock }: Pick<Surroundings, "sql" | "clock">,
  letters: DeadLetter[],
  { act, by }: Actor & { act: Act },
): Promise<Done[]> {
  const waiting = idsOf(letters).filter((id) => !isFactId(id));
  const at = clock.now();
  return sql.begin(async (tx) => {
    const released = new Set([
      ...(await releaseDeliveries(tx, waiting)),
      ...(await releaseUnsent(tx, waiting, at)),
      ...(await retryEvents(tx, waiting, at)),
      ...(await releaseNotices(tx, waiting, at)),
    ]);
    const left = idsOf(await readDeadDeliveries(tx, { ids: waiting, all: true }));
    const done = waiting.map((id) => {
      if (released.has(id)) return { id, outcome: "released", reason: null };
      if (!left.includes(id)) return { id, outcome: "gone", reason: null };
      return { id, outcome: "kept", reason: "it was dropped, and its body is deleted by now" };
    });
    await recordActs(
      tx,
      done.map((one) => ({ ...one, act, by, at })),
    );
    return done;
  });
}

/** They are not wanted: from now on `/status` says nothing of them. */
export async function dropDeadLetters(
  { sql, clock }: Pick<Surroundings, "sql" | "clock">,
  { ids, by }: Pick<Chosen, "ids"> & Actor,
): Promise<Done[]> {
  const letters = idsOf(await readLetters(sql, { ...(ids && { ids }) }));
  const event = ids?.find((id) => eventOfLetter(id));
  if (event !== undefined)
    throw new WrongUsage(
      `${event} is tried again until it succeeds: to leave it out, name it in VIVENU_EXCLUDE_EVENTS`,
    );
  const wanted = letters.filter((id) => !eventOfLetter(id));
  const at = clock.now();
  return sql.begin(async (tx) => {
    const dropped = new Set([
      ...(await dropDeliveries(tx, wanted, at)),
      ...(await dropUnsent(tx, wanted, at)),
      ...(await dropNotices(tx, wanted, at)),
      ...(await dropFacts(tx, wanted, at)),
    ]);
    const done = wanted.map((id) =>
      dropped.has(id)
        ? { id, outcome: "dropped", reason: null }
        : { id, outcome: "gone", reason: null },
    );
    await recordActs(
      tx,
      done.map((one) => ({ ...one, act: "drop" as const, by, at })),
    );
    return done;
  });
}

export const listActs = ({ sql }: Pick<Surroundings, "sql">, limit: number) => readActs(sql, limit);

const idsOf = (letters: readonly DeadLetter[]) => letters.map(({ id }) => id);

/** Whoever sits at the machine that the command runs on. */
export function whoActs(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container's user need not have a name.
    return hostname();
  }
}
