import type { Config } from "../../config/config.ts";
import type { Clock } from "../../lib/clock.ts";
import { isFailure } from "../../lib/failure.ts";
import { createLogger } from "../../lib/logger.ts";
import { sharedBy } from "../../lib/shared.ts";
import { vivenuClient } from "../../vivenu/client.ts";
import { type ListenerReport, listWebhooks } from "../webhooks.ts";
import { type Finding, ok, SETTINGS, said, unchecked, wrong } from "./finding.ts";

const CLOCK_MS = 30_000;
const TIMEOUT_MS = 20_000;

export async function checkAccount(
  account: Config["vivenu"]["accounts"][number],
  {
    config,
    clock,
    broken,
    sellers,
    learned,
  }: {
    config: Config;
    clock: Clock;
    broken: ReadonlySet<string>;
    /** Takes note of whose the key is. */
    sellers: Map<string, string>;
    /** Whose each account was when it was last polled; empty where that cannot be read. */
    learned: Promise<ReadonlyMap<string, string>>;
  },
): Promise<Finding[]> {
  const { region } = account;
  const findings: Finding[] = [];
  const isKeyBroken = broken.has(`${region}_WEBHOOK_SECRET`) || broken.has("VIVENU_SECRET");
  if (account.webhookKeys.length === 0 && !isKeyBroken)
    findings.push(
      wrong(
        `${region} webhooks`,
        "no key, so its webhooks are refused",
        `set ${region}_WEBHOOK_SECRET to its listener's key (\`webhooks sync\` writes it to Vivenu)`,
      ),
    );
  const { baseUrl } = config.vivenu;
  const client = vivenuClient({
    baseUrl,
    region,
    clock,
    apiKey: account.apiKey.reveal(),
    timeoutMs: TIMEOUT_MS,
    logger: createLogger("silent"),
    // It asks once, and must not wait for what a poll has used up.
    budget: { take: async () => {} },
  });
  try {
    const seller = await client.readSeller({ signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (seller._id !== null) sellers.set(region, seller._id);
    const isAnother = account.sellerId !== undefined && account.sellerId !== seller._id;
    const owner = account.sellerId ?? (await learned).get(region) ?? seller._id;
    if (!isAnother && seller._id !== null && owner !== seller._id)
      return [
        ...findings,
        wrong(
          `${region} account`,
          `its key is of seller ${seller._id}, and the account is seller ${owner}'s`,
          `give ${region}_API the account's own key, or, where the account has changed hands, set ${region}_SELLER_ID=${seller._id}`,
        ),
      ];
    findings.push(
      isAnother
        ? wrong(
            `${region} account`,
            `its key is of seller ${seller._id}`,
            `correct ${region}_SELLER_ID, or give ${region}_API the key of the right account`,
          )
        : ok(`${region} account`, `seller ${seller._id}, ${seller.currency ?? "currency unknown"}`),
    );
  } catch (error) {
    const mend = isFailure(error, "refused")
      ? `give ${region}_API a valid seller API key`
      : "check VIVENU_BASE_URL and that Vivenu is reachable (https://status.vivenu.com)";
    findings.push(wrong(`${region} account`, said(error), mend));
  }
  return findings;
}

/** Two keys of one seller, which the settings do not show, would take every event from each other. */
export function checkSellers(
  sellers: ReadonlyMap<string, string>,
  accounts: Config["vivenu"]["accounts"],
): Finding[] {
  // In the order of the settings: answers come in any.
  const regions = accounts.map(({ region }) => region);
  return sharedBy(regions, (region) => sellers.get(region)).map(({ value: seller, some }) =>
    wrong(
      `${some.join(", ")} accounts`,
      `their keys are of one seller, ${seller}`,
      `give each of ${some.map((region) => `${region}_API`).join(", ")} the key of its own account`,
    ),
  );
}

/** Counts and windows are compared by the clock; Vivenu says its own in every answer. */
export async function checkClock({ vivenu }: Config, clock: Clock): Promise<Finding[]> {
  const check = "clock";
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(`${vivenu.baseUrl}/api/sellers/me`, { method: "HEAD", signal });
    const theirs = Date.parse(answer.headers.get("date") ?? "");
    const isPage = answer.headers.get("content-type")?.startsWith("text/html");
    if (isPage || Number.isNaN(theirs)) return [unchecked(check, "Vivenu does not say the time")];
    const apartMs = Math.abs(clock.now().getTime() - theirs);
    if (apartMs <= CLOCK_MS) return [ok(check, "as Vivenu's")];
    const what = `${Math.round(apartMs / 1_000)} s apart from Vivenu's`;
    return [wrong(check, what, "set this machine's clock (NTP)")];
  } catch {
    return [unchecked(check, "Vivenu cannot be reached")];
  }
}

export async function checkListeners(config: Config, clock: Clock, publicUrl: string | undefined) {
  const check = "webhook listeners";
  if (config.vivenu.accounts.length === 0)
    return [unchecked(check, `it needs an account; see ${SETTINGS}`)];
  if (!publicUrl) return [unchecked(check, "say where Vivenu reaches this service: --public-url")];
  const reports = await listWebhooks({ config, clock }, publicUrl);
  return reports.map(({ region, outcome, detail }) =>
    outcome === "fine"
      ? ok(`${region} listener`, "as it should be")
      : wrong(
          `${region} listener`,
          `${outcome}: ${detail.join("; ")}`,
          listenerMends[outcome] ?? "run `webhooks sync`",
        ),
  );
}

/** Who cannot ask for the listener cannot write it either. */
const listenerMends: Partial<Record<ListenerReport["outcome"], string>> = {
  refused: "give the account its webhook key, and an API key that may read and write webhooks",
  failed: "check VIVENU_BASE_URL and that Vivenu is reachable (https://status.vivenu.com)",
};
