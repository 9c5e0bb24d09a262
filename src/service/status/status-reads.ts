import { rowPolicyOf, watchedOf } from "../../commands/build/policies.ts";
import type { Surroundings } from "../../commands/build/surroundings.ts";
import { silenceOf } from "../../database/connect.ts";
import { readSchemaVersion } from "../../database/migrate.ts";
import type { DatabaseHealth, WriteProbe } from "../../database/write-probe.ts";
import { readUnsentFacts } from "../../datacore/dead-facts.ts";
import { readOutboxState } from "../../datacore/outbox.ts";
import { readDeadDeliveries } from "../../intake/store/dead-deliveries.ts";
import { readCurrencyNotes } from "../../intake/store/event-currencies.ts";
import { readWorryingEvents } from "../../intake/store/event-failures.ts";
import { readInboxState, readLastWebhooks } from "../../intake/store/inbox.ts";
import { readHourOfRequests } from "../../intake/store/request-budget.ts";
import { readSellerIds } from "../../intake/store/sellers.ts";
import { readOutcomes } from "../../intake/store/webhook-outcomes.ts";
import { readWrongClocks } from "../../intake/store/wrong-clocks.ts";
import { allOf } from "../../lib/all-of.ts";
import type { Sentence } from "../../lib/sentence.ts";
import { readGivenUp } from "../../notify/outbox/dead-notices.ts";
import { readHeld } from "../../pathway/held.ts";
import { readCheckpoints } from "../../projections/consumer/checkpoint.ts";
import { countDeadLetters, readDeadFacts } from "../../projections/consumer/dead-letters.ts";
import { countToRemake } from "../../projections/derived/refill-derived.ts";
import { eventZonesReader } from "../../projections/queries/event-zones.ts";
import { readSeasonSummary } from "../../projections/queries/season-summary.ts";
import { unclearTypesReader } from "../../projections/queries/unclear-types.ts";
import { readUnreadableEvents } from "../../projections/queries/unreadable-events.ts";
import { readLastPolls } from "../../projections/tables/polls.ts";
import type { MirrorState } from "../../sheets/sync/mirror-state.ts";
import type { EventFaults } from "./event-faults.ts";
import type { Failing } from "./failing.ts";
import type { WebhookCounts } from "./webhook-counts.ts";

/** Of what is set aside, and of events, so many of each account are named; `set-aside list` names all. */
export const NAMED = 5;

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

/** What /status is made of, as it was at one time. */
export type StatusFound = Awaited<ReturnType<ReturnType<typeof statusReads>>>;

export function statusReads(sources: StatusSources) {
  const { sql, config, mirror, failing, faults, webhooks, worker, counts, keys } = sources;
  const readHealth = sources.database ?? (async () => WELL);
  const readEventZones = eventZonesReader(sql);
  const readUnclear = unclearTypesReader(sql, {
    overrides: config.rules.classes,
    ...(faults && { onFault: faults.onFault }),
  });
  const watched = watchedOf(config);

  return async function readAll(now: Date) {
    const held = new Map((await readHeld(sql)).map(({ flowType, since }) => [flowType, since]));
    const found = await allOf({
      polls: readLastPolls(sql),
      sellers: readSellerIds(sql),
      requests: readHourOfRequests(sql, now, config.vivenu.budget.perHour),
      lastWebhooks: readLastWebhooks(sql),
      checkpoints: readCheckpoints(sql),
      inbox: readInboxState(sql),
      outbox: readOutboxState(sql, [...held.keys()]),
      setAside: countDeadLetters(sql),
      failures: failing.read(),
      typesInDoubt: readUnclear(now),
      currencies: readCurrencyNotes(sql, now),
      zones: readEventZones(now),
      unreadable: readUnreadableEvents(sql),
      wrongClocks: readWrongClocks(sql, watched),
      unshown: faults?.read() ?? [],
      toRemake: countToRemake(sql, rowPolicyOf(config)),
      sheet: mirror(),
      working: worker?.() ?? [],
      ofKeys: keys?.problems() ?? [],
      outcomes: counts?.read(now) ?? readOutcomes(sql, now),
      summary: readSeasonSummary(sql, now),
      schema: readSchemaVersion(sql),
      health: readHealth(),
      deadDeliveries: readDeadDeliveries(sql, { ofEach: NAMED }),
      unsentFacts: readUnsentFacts(sql, { ofEach: NAMED }),
      deadFacts: readDeadFacts(sql, { ofEach: NAMED }),
      // Why a channel fails its loop says, as long as it does.
      givenUp: readGivenUp(sql, NAMED),
      worrying: readWorryingEvents(sql, { ...watched, ofEach: NAMED }),
    });
    return {
      ...found,
      held,
      silence: silenceOf(sql),
      atTheDoor: { problems: webhooks?.read() ?? [], notes: webhooks?.notes() ?? [] },
    };
  };
}

/** Who does not write has nothing to find out. */
const WELL: DatabaseHealth = { unwritable: null, aheadMs: null };
