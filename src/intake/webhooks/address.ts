export interface WebhookAccount {
  region: string;
  /** Tried in turn; none means that the account's webhooks cannot be checked and are refused. */
  keys: string[];
  /** Configured; else what was learned from Vivenu counts. */
  sellerId: string | undefined;
}

/** What a request's path says of whose it is. A listener's address is typed by people. */
export interface Address {
  path: string;
  account: WebhookAccount | undefined;
  /** It names an account that is not configured, or several. */
  isUnknown: boolean;
  /** One of those that README names. */
  isDocumented: boolean;
}

const DOCUMENTED = /^\/(webhook\/event-updated|webhooks\/vivenu\/[^/]+)$/;

/** Undefined where the path is nothing that a webhook would be sent to. */
export function addressOf(path: string, accounts: WebhookAccount[]): Address | undefined {
  const [first = "", second, ...rest] = path
    .split("/")
    .filter((segment) => segment !== "")
    .map((segment) => segment.toUpperCase());
  if (!first.startsWith("WEBHOOK")) return undefined;
  const segments = [second, ...rest];
  const named = accounts.filter(({ region }) => segments.includes(region));
  const account = named.length === 1 ? named[0] : undefined;
  const isNamed = named.length > 1 || (second === "VIVENU" && rest.length > 0);
  return { path, account, isUnknown: isNamed && !account, isDocumented: DOCUMENTED.test(path) };
}
