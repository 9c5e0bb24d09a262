import { releaseRefusedFacts } from "../datacore/outbox.ts";
import { releaseRefusedDeliveries } from "../intake/inbox.ts";
import { Failure } from "../lib/failure.ts";
import { projections } from "../projections/index.ts";
import {
  type FactSetAside,
  type Retried,
  readSetAside,
  setAsideRetrier,
} from "../projections/set-aside.ts";
import { WrongUsage } from "./outcome.ts";
import { buildDatacore, type Surroundings } from "./parts.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Facts of the log that could not be applied, oldest first; all, or the one that is named. */
export async function listSetAside(
  { sql }: Pick<Surroundings, "sql">,
  factId?: string,
): Promise<FactSetAside[]> {
  if (factId !== undefined && !UUID.test(factId))
    throw new WrongUsage(`${factId} is not a fact's id; \`set-aside list\` shows them`);
  const facts = await readSetAside(sql, factId);
  if (factId !== undefined && facts.length === 0)
    throw new Failure("missing", `no fact ${factId} is set aside; \`set-aside list\` shows them`);
  return facts;
}

/** Puts facts back after a fix. */
export async function retrySetAside(
  surroundings: Surroundings,
  signal: AbortSignal,
  factId?: string,
): Promise<Retried[]> {
  const { config, sql, clock, log } = surroundings;
  const facts = await listSetAside(surroundings, factId);
  const datacore = buildDatacore(config);
  try {
    return await setAsideRetrier({ sql, datacore, projections, clock, log, signal })(facts);
  } finally {
    datacore.close();
  }
}

/** What Flowcore refused to take, and webhooks that could not be translated, are tried again after a fix. */
export const releaseRefused = ({ sql, clock }: Pick<Surroundings, "sql" | "clock">) =>
  sql.begin(async (tx) => ({
    facts: await releaseRefusedFacts(tx, clock.now()),
    deliveries: await releaseRefusedDeliveries(tx),
  }));

export const describeSetAside = (facts: FactSetAside[]) =>
  facts.length === 0
    ? "no fact is set aside"
    : facts
        .map(
          ({ factId, flowType, eventType, timeBucket, reason, setAsideAt }) =>
            `${factId}  ${flowType}/${eventType}  of ${timeBucket}, set aside ${setAsideAt.toISOString()}\n    ${reason}`,
        )
        .join("\n");

export const describeRetried = (retried: Retried[]) =>
  retried.length === 0
    ? "no fact is set aside"
    : retried
        .map(
          ({ factId, flowType, outcome, reason }) =>
            `${factId}  ${flowType}  ${outcome}${reason === null ? "" : `: ${reason}`}`,
        )
        .join("\n");

export const describeReleased = ({ facts, deliveries }: { facts: number; deliveries: number }) =>
  `${facts} facts and ${deliveries} webhook deliveries are tried again`;
