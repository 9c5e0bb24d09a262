import type { Status } from "./status.ts";

export const statusExample: Status = {
  status: "degraded",
  version: "0.1.0",
  versions: {
    service: "0.1.0",
    schema: "0081_webhook_outcomes.sql",
    schemaOfService: "0081_webhook_outcomes.sql",
    zones: "2026f",
    runtime: "Bun 1.4.5",
  },
  now: "2026-02-12T11:03:20.000Z",
  problems: [
    "DACH: the last poll could not read everything of event 68f000000000000000000001: no answer in 30 s.",
  ],
  notes: [],
  sentences: [
    {
      kind: "problem",
      account: "DACH",
      text: "DACH: the last poll could not read everything of event 68f000000000000000000001: no answer in 30 s.",
    },
  ],
  summary: {
    events: { ON_SALE: 29, SOLD_OUT: 1, ENDED: 10 },
    notCounted: 0,
    totalCapacity: 212_400,
    totalSold: 48_120,
    totalAvailable: 163_950,
  },
  webhooks: {
    lastHour: { accepted: 41, unsigned: 2 },
    lastDay: { accepted: 960, repeated: 3, unsigned: 2 },
    ofNobody: { lastHour: { unsigned: 2 }, lastDay: { unsigned: 2 } },
  },
  accounts: [
    {
      region: "DACH",
      lastPollAt: "2026-02-12T11:00:07.000Z",
      lastPollComplete: false,
      lastPoll: {
        startedAt: "2026-02-12T10:58:40.000Z",
        finishedAt: "2026-02-12T11:00:07.000Z",
        seconds: 87,
        complete: false,
        eventsRead: 14,
        eventsCounted: 13,
        ticketsRead: 120_400,
        requests: 412,
      },
      lastWebhookAt: "2026-02-12T11:02:58.000Z",
      webhooks: {
        lastHour: { accepted: 41 },
        lastDay: { accepted: 960, repeated: 3 },
      },
      failures: [
        { eventId: "68f000000000000000000001", kind: "unavailable", reason: "no answer in 30 s" },
      ],
    },
  ],
  log: [
    {
      flowType: "vivenu.sales.0",
      checkpoint: "2026-02-12T10:00:00.000Z",
      newestSeen: "2026-02-12T11:02:59.000Z",
      readAt: "2026-02-12T11:03:00.000Z",
      lagSeconds: 1,
      heldSince: null,
    },
  ],
  inbox: { waiting: 0, oldestWaitingAt: null, failing: 0, refused: 0 },
  outbox: { waiting: 2, oldestWaitingAt: "2026-02-12T11:03:19.000Z", failing: 0, refused: 0 },
  setAside: 0,
  toRemake: 0,
  typesInDoubt: [],
  zones: {
    version: "2026f",
    package: "moment-timezone 0.6.6",
    runtimeDiffers: ["America/Vancouver"],
    unknown: [{ timezone: null, events: 1, eventIds: ["68f000000000000000000001"] }],
  },
  sheet: {
    lastSyncAt: "2026-02-12T11:03:01.000Z",
    lastWriteAt: "2026-02-12T11:03:01.000Z",
    cellsWritten: 14,
    lastFailure: null,
  },
};
