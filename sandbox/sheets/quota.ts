import { Refusal } from "./refusal.ts";

export interface QuotaLimits {
  readsPerMinute: number;
  writesPerMinute: number;
}

export type Use = "Read" | "Write";

export interface Quota {
  /** Counts one request, or throws a refusal when the minute has no room for it. */
  take(user: string, use: Use): void;
}

/** Requests of each user in the minute that began with the first of them; then it is refilled. */
export function createQuota(
  { readsPerMinute, writesPerMinute }: QuotaLimits,
  now: () => Date,
): Quota {
  const limits: Record<Use, number> = { Read: readsPerMinute, Write: writesPerMinute };
  const used = new Map<string, { since: number; requests: number }>();
  return {
    take(user, use) {
      const at = now().getTime();
      const key = `${use} ${user}`;
      const found = used.get(key);
      const minute = found && at - found.since < 60_000 ? found : { since: at, requests: 0 };
      used.set(key, minute);
      if (minute.requests >= limits[use]) throw exceeded(use, limits[use]);
      minute.requests += 1;
    },
  };
}

const exceeded = (use: Use, limit: number) =>
  new Refusal(
    429,
    `Quota exceeded for quota metric '${use} requests' and limit '${use} requests per minute per user' of service 'sheets.googleapis.com' for consumer 'project_number:1'.`,
    [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "RATE_LIMIT_EXCEEDED",
        domain: "googleapis.com",
        metadata: {
          service: "sheets.googleapis.com",
          quota_limit: `${use}RequestsPerMinutePerUser`,
          quota_limit_value: String(limit),
          consumer: "projects/1",
        },
      },
    ],
  );
