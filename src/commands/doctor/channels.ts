import type { Config } from "../../config/config.ts";
import { Secret } from "../../config/secret.ts";
import { tryMailServer } from "../../notify/channels/email.ts";
import { tryReceiver } from "../../notify/channels/reachable.ts";
import type { ChannelSettings } from "../../notify/settings.ts";
import { type Finding, ok, said, unchecked, wrong } from "./finding.ts";

const CHECK = "notifications";
const LIMIT_MS = 10_000;
const PROXIES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];
type Env = Record<string, string | undefined>;

/** Whether each channel's receiver is there and the mail server takes the login; nobody is sent anything. */
export async function checkChannels({ notify }: Pick<Config, "notify">, env: Env) {
  if (!notify) return [unchecked(CHECK, "NOTIFICATIONS is not set, so nobody is told anything")];
  const { channels, smtp } = notify;
  const mailed = channels.filter(({ type }) => type === "email").map(({ name }) => name);
  const isProxied = PROXIES.some((name) => (env[name] ?? "") !== "");
  return Promise.all([
    ...channels.flatMap((channel) =>
      channel.type === "email" ? [] : [checkReceiver(channel, isProxied)],
    ),
    ...(smtp && mailed.length > 0
      ? [
          tried(`${mailed.join(", ")} (email)`, {
            work: (signal) => tryMailServer(smtp.url, signal),
            well: "the mail server takes the login",
            mend: "check smtp.url in NOTIFICATIONS: host, port, user and password, and TLS",
          }),
        ]
      : []),
  ]);
}

type Posted = Exclude<ChannelSettings, { type: "email" }>;

async function checkReceiver({ name, type, url }: Posted, isProxied: boolean): Promise<Finding> {
  const of = `${name} (${type})`;
  if (isProxied) return unchecked(CHECK, `${of}: it is reached through a proxy`);
  return tried(of, {
    work: (signal) => tryReceiver(url, signal),
    well: `it can be reached; \`notify --test ${name}\` says whether it takes a message`,
    mend: `check the address of ${name} in NOTIFICATIONS, and that this machine may connect to it`,
  });
}

/** Whether the collector of traces is there; no span is sent. */
export async function checkCollector({ traces }: Pick<Config, "traces">): Promise<Finding[]> {
  if (!traces) return [];
  const url = new Secret(traces.url);
  return [
    await tried("the collector", {
      check: "traces",
      work: (signal) => tryReceiver(url, signal),
      well: "it can be reached",
      mend: "check OTEL_EXPORTER_OTLP_ENDPOINT, and that this machine may connect to it; nothing else waits for it",
    }),
  ];
}

interface Trial {
  check?: string;
  work: (signal: AbortSignal) => Promise<void>;
  well: string;
  mend: string;
}

async function tried(of: string, { check = CHECK, work, well, mend }: Trial): Promise<Finding> {
  try {
    await work(AbortSignal.timeout(LIMIT_MS));
    return ok(check, `${of}: ${well}`);
  } catch (error) {
    return wrong(check, `${of}: ${said(error)}`, mend);
  }
}
