import type { AccountConfig } from "../config/accounts.ts";
import { listenedTypes } from "../intake/webhooks/delivery-types.ts";
import { isFailure, messageOf } from "../lib/failure.ts";
import { type Listener, type ListenerWish, listeners } from "../vivenu/listeners.ts";
import type { Surroundings } from "./build/surroundings.ts";
import { type ExitCode, exitCodes } from "./run/outcome.ts";

const NAME = "vivenu-event-monitor";

type Given = Pick<Surroundings, "config" | "clock">;

export interface ListenerReport {
  region: string;
  /** `fine`, or what was done or is wrong; `refused` is what no second try can mend. */
  outcome:
    | "fine"
    | "created"
    | "changed"
    | "removed"
    | "missing"
    | "differs"
    | "refused"
    | "failed";
  url: string;
  /** In plain words, what differs or why it failed. */
  detail: string[];
}

/** The listeners as they are, held against how they should be. */
export const listWebhooks = (surroundings: Given, publicUrl: string) =>
  forEachAccount(surroundings, publicUrl, async (account, wish, ours) => {
    const [first, ...more] = ours;
    if (!first) return report(account, "missing", wish.url, ["no listener for this address"]);
    const detail = [...differences(first, wish), ...more.map(() => "one more for this address")];
    return report(account, detail.length > 0 ? "differs" : "fine", wish.url, detail);
  });

/** Makes sure that each account has exactly one listener for our address, with its own key. */
export const syncWebhooks = (surroundings: Given, publicUrl: string) =>
  forEachAccount(surroundings, publicUrl, async (account, wish, ours, client) => {
    const [first, ...more] = ours;
    for (const surplus of more) await client.remove(surplus.listenerId);
    if (!first) {
      await client.create(wish);
      return report(account, "created", wish.url, await leftOver(client, wish));
    }
    const detail = [...differences(first, wish), ...more.map(() => "one more was removed")];
    if (detail.length === 0) return report(account, "fine", wish.url, []);
    await client.replace(first.listenerId, wish);
    return report(account, "changed", wish.url, [...detail, ...(await leftOver(client, wish))]);
  });

/** Deletes the listeners for our address, and no others. */
export const removeWebhooks = (surroundings: Given, publicUrl: string) =>
  forEachAccount(surroundings, publicUrl, async (account, wish, ours, client) => {
    for (const { listenerId } of ours) await client.remove(listenerId);
    if (ours.length === 0) return report(account, "fine", wish.url, ["there is none"]);
    const left = (await client.list()).some(({ url }) => url === wish.url);
    return left
      ? report(account, "failed", wish.url, ["Vivenu still lists it"])
      : report(account, "removed", wish.url, []);
  });

type Client = ReturnType<typeof listeners>;

function forEachAccount(
  { config, clock }: Given,
  publicUrl: string,
  work: (
    account: AccountConfig,
    wish: ListenerWish,
    ours: Listener[],
    client: Client,
  ) => Promise<ListenerReport>,
): Promise<ListenerReport[]> {
  const { baseUrl, timeoutMs, accounts } = config.vivenu;
  return Promise.all(
    accounts.map(async (account) => {
      const { region, apiKey, webhookKeys } = account;
      const url = `${publicUrl.replace(/\/+$/, "")}/webhooks/vivenu/${region.toLowerCase()}`;
      const [key] = webhookKeys;
      if (!key)
        return report(account, "refused", url, [
          `no key: set ${region}_WEBHOOK_SECRET (openssl rand -hex 32 makes one)`,
        ]);
      const client = listeners({
        baseUrl,
        region,
        timeoutMs,
        apiKey: apiKey.reveal(),
        now: () => clock.now(),
      });
      const wish = { name: NAME, url, types: listenedTypes, hmacKey: key.reveal() };
      try {
        const ours = (await client.list()).filter((listener) => listener.url === url);
        return await work(account, wish, ours, client);
      } catch (error) {
        const outcome = isFailure(error, "refused") ? "refused" : "failed";
        return report(account, outcome, url, [messageOf(error)]);
      }
    }),
  );
}

function differences(listener: Listener, wish: ListenerWish): string[] {
  const missing = wish.types.filter((type) => !listener.types.includes(type));
  const surplus = listener.types.filter((type) => !wish.types.includes(type));
  return [
    ...(listener.enabled ? [] : ["it is switched off"]),
    ...(listener.name === wish.name ? [] : ["its name is another"]),
    ...(missing.length > 0 ? [`it is not told of ${missing.join(", ")}`] : []),
    ...(surplus.length > 0 ? [`it is told of ${surplus.join(", ")} as well`] : []),
    ...(listener.hasKey(wish.hmacKey) ? [] : ["its key is another"]),
  ];
}

/** What Vivenu made of it, read back: what was written is not yet the truth. */
async function leftOver(client: Client, wish: ListenerWish): Promise<string[]> {
  const made = (await client.list()).find(({ url }) => url === wish.url);
  const left = made ? differences(made, wish) : ["Vivenu does not list it"];
  return left.map((difference) => `after it was written: ${difference}`);
}

const report = (
  { region }: AccountConfig,
  outcome: ListenerReport["outcome"],
  url: string,
  detail: string[],
): ListenerReport => ({ region, outcome, url, detail });

const isFine = ({ outcome, detail }: ListenerReport) =>
  ["fine", "removed"].includes(outcome) ||
  (["created", "changed"].includes(outcome) && !detail.some((d) => d.startsWith("after it")));

export function webhooksExitCode(reports: ListenerReport[]): ExitCode {
  const bad = reports.filter((one) => !isFine(one));
  if (bad.length === 0) return exitCodes.well;
  const isRefused = bad.every(({ outcome }) => outcome === "refused");
  return isRefused ? exitCodes.configuration : exitCodes.unfinished;
}

export const describeWebhooks = (reports: ListenerReport[]) =>
  reports
    .map(
      ({ region, outcome, url, detail }) =>
        `${region.padEnd(12)} ${outcome.padEnd(8)} ${url}${detail.map((d) => `\n               ${d}`).join("")}`,
    )
    .join("\n");
