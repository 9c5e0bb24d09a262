import type { OperationsOptions } from "../../api/operation/operations.ts";
import type { Surroundings } from "../../commands/build/surroundings.ts";
import type { DeadLetter } from "../../database/dead-letter.ts";
import { readUnsentFacts } from "../../datacore/dead-facts.ts";
import { readDeadDeliveries } from "../../intake/store/dead-deliveries.ts";
import { readFailingEvents } from "../../intake/store/event-failures.ts";
import { readRequestsOfHour } from "../../intake/store/request-budget.ts";
import { readStoredDeliveries } from "../../intake/store/stored-deliveries.ts";
import { Failure } from "../../lib/failure.ts";
import { readDeadNotices } from "../../notify/outbox/dead-notices.ts";
import { readDeadFacts } from "../../projections/consumer/dead-letters.ts";
import { askForAct, readAction, readActions } from "./admin-actions.ts";

const SOME = 50;

/** What operators see, and what they ask for: done by the processes that run the loops. */
export const operationsOf = ({
  sql,
  clock,
  config,
}: Pick<Surroundings, "sql" | "clock" | "config">): OperationsOptions => ({
  async read() {
    const wanted = { limit: SOME };
    const [actions, deliveries, requests, ...letters] = await Promise.all([
      readActions(sql, SOME),
      readStoredDeliveries(sql, SOME),
      readRequestsOfHour(sql, clock.now()),
      readDeadDeliveries(sql, wanted),
      readUnsentFacts(sql, wanted),
      readDeadFacts(sql, wanted),
      readFailingEvents(sql, wanted),
      readDeadNotices(sql, wanted),
    ]);
    return {
      actions,
      deadLetters: letters.flat().map(letterOf),
      webhooks: deliveries.map(({ receivedAt, translatedAt, ...delivery }) => ({
        ...delivery,
        receivedAt: receivedAt.toISOString(),
        translatedAt: translatedAt?.toISOString() ?? null,
      })),
      budgets: config.vivenu.accounts.map(({ region }) => ({
        region,
        requestsLastHour: requests.get(region) ?? 0,
        perHour: config.vivenu.budget.perHour,
      })),
    };
  },
  readAction: (id) => readAction(sql, id),
  async ask(asked) {
    const { regions } = config.vivenu;
    const { region } = asked.subject;
    if (region !== undefined && !regions.includes(region))
      throw new Failure(
        "missing",
        `There is no account ${region}. There are ${regions.join(", ")}.`,
      );
    return askForAct(sql, asked, clock.now());
  },
});

const letterOf = ({ id, account, type, reason, at, failures, state }: DeadLetter) => ({
  id,
  account,
  type,
  reason,
  failures,
  state,
  at: at.toISOString(),
});
