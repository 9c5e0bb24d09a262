import type { Status } from "./operation/status.ts";
import { sentencesIn } from "./operation/status-sentences.ts";
import { type Caller, sees } from "./request/callers.ts";

/**
 * How the service is doing says nothing of others' accounts; of its own what is said of them. Each field is
 * named, so that nobody adds one that is of everybody without a thought.
 */
export function statusFor(caller: Caller | undefined, whole: Status): Status {
  if (!caller) return whole;
  const { accounts = [] } = caller;
  const { status, version, versions, now, log, inbox, outbox, setAside, toRemake, zones } = whole;
  const own = whole.sentences.filter(({ account }) => account && accounts.includes(account));
  const ofKind = (wanted: "problem" | "note") =>
    own.flatMap(({ kind, account, text }) => (kind === wanted ? { account, text } : []));
  return {
    status,
    version,
    versions,
    now,
    log,
    inbox,
    outbox,
    setAside,
    toRemake,
    summary: null,
    webhooks: null,
    ...sentencesIn(ofKind("problem"), ofKind("note")),
    accounts: whole.accounts.filter(({ region }) => accounts.includes(region)),
    typesInDoubt: whole.typesInDoubt.filter((type) => sees(caller, type)),
    zones: { ...zones, runtimeDiffers: [], unknown: [] },
    sheet: null,
  };
}
