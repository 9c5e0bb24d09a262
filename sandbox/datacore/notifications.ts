import type { ServerWebSocket, WebSocketHandler } from "bun";
import { z } from "zod";
import type { NamedEventType } from "./event-type-names.ts";
import type { Tenant } from "./schema.ts";
import type { NewEvent } from "./store.ts";

const Subscription = z.object({
  tenant: z.string().min(1),
  dataCoreId: z.uuid(),
  flowTypeId: z.uuid().optional(),
  eventTypeId: z.uuid().optional(),
});

type Subscription = z.output<typeof Subscription>;

interface Listening {
  subscription?: Subscription;
}

export type Announce = (type: NamedEventType, events: readonly NewEvent[]) => void;

/**
 * Flowcore's notifications: who opens a socket and says what of hears of each event that was stored, by its
 * id and without its payload. They are a hint to read, and nobody hears of what came before.
 */
export function notifications(tenant: Tenant): {
  handlers: WebSocketHandler<Listening>;
  announce: Announce;
} {
  const open = new Set<ServerWebSocket<Listening>>();
  return {
    handlers: {
      open: (socket) => void open.add(socket),
      close: (socket) => void open.delete(socket),
      message(socket, text) {
        const parsed = Subscription.safeParse(json(text));
        if (parsed.success && parsed.data.tenant === tenant.name)
          socket.data = { subscription: parsed.data };
        else socket.send(refusal(parsed.error?.issues.map(({ message }) => message)));
      },
    },
    // Probes: flowcore/notification, flowcore/notification-of-one-type.
    announce(type, events) {
      for (const socket of open)
        if (isOf(socket.data.subscription, type))
          for (const event of events) socket.send(frame(type, event));
    },
  };
}

const isOf = (wanted: Subscription | undefined, type: NamedEventType) =>
  wanted?.dataCoreId === type.dataCoreId &&
  (wanted.flowTypeId ?? type.flowTypeId) === type.flowTypeId &&
  (wanted.eventTypeId ?? type.id) === type.id;

/** The message is JSON within JSON. */
const frame = (type: NamedEventType, { eventId, validTime }: NewEvent) =>
  JSON.stringify({
    message: JSON.stringify({
      pattern: "stored.event.notify.0",
      data: {
        ...{ tenantId: type.tenantId, eventId, dataCore: type.dataCoreId },
        ...{ aggregator: type.flowType, eventType: type.name, validTime },
      },
    }),
  });

/** Probe: flowcore/bad-subscription. */
const refusal = (errors: string[] = ["unknown tenant"]) =>
  JSON.stringify({
    type: "validation",
    summary: "Invalid subscription",
    message: errors[0],
    errors,
  });

function json(text: string | Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}
