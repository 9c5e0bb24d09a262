import { Refusal } from "./refusal.ts";

export interface QuotaLimits {
  readsPerMinute: number;
  writesPerMinute: number;
  /** Of all users together; unlimited if it is left out. */
  perMinuteAndProject?: number;
}

export type Use = "Read" | "Write";

export interface Quota {
  /** Counts one request, or throws a refusal when the minute has no room for it. */
  take(user: string, use: Use): void;
}

/** Requests of each user in the minute that began with the first of them; then it is refilled. */
export function createQuota(
  { readsPerMinute, writesPerMinute, perMinuteAndProject = Number.POSITIVE_INFINITY }: QuotaLimits,
  now: () => Date,
): Quota {
  const limits: Record<Use, number> = { Read: readsPerMinute, Write: writesPerMinute };
  const used = new Map<string, { since: number; requests: number }>();
  return {
    take(user, use) {
      count(`${use} ${user}`, limits[use], () => exceeded(use, limits[use], "user"));
      count(use, perMinuteAndProject, () => exceeded(use, perMinuteAndProject, "project"));
    },
  };

  function count(key: string, limit: number, refusal: () => Refusal) {
    const at = now().getTime();
    const found = used.get(key);
    const minute = found && at - found.since < 60_000 ? found : { since: at, requests: 0 };
    used.set(key, minute);
    if (minute.requests >= limit) throw refusal();
    minute.requests += 1;
  }
}

const exceeded = (use: Use, limit: number, of: "user" | "project") =>
  new Refusal(
    429,
    `Quota exceeded for quota metric '${use} requests' and limit '${use} requests per minute${of === "user" ? " per user" : ""}' of service 'sheets.googleapis.com' for consumer 'project_number:1'.`,
    [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "RATE_LIMIT_EXCEEDED",
        domain: "googleapis.com",
        metadata: {
          service: "sheets.googleapis.com",
          quota_limit: `${use}RequestsPerMinutePer${of === "user" ? "User" : "Project"}`,
          quota_limit_value: String(limit),
          consumer: "projects/1",
        },
      },
    ],
  );
