import type { z } from "zod";
import { eventDeleted, eventUpdated } from "./event.0.ts";
import { pollFinished, salesChanged, salesCounted } from "./sales.0.ts";

/** Every fact this service writes or reads. `flowcore.yaml` says the same; a test compares them. */
export const contracts = {
  [eventUpdated.eventType]: eventUpdated,
  [eventDeleted.eventType]: eventDeleted,
  [salesCounted.eventType]: salesCounted,
  [salesChanged.eventType]: salesChanged,
  [pollFinished.eventType]: pollFinished,
};

export type EventType = keyof typeof contracts;
export type Payload<T extends EventType> = z.infer<(typeof contracts)[T]["payload"]>;

export type EventUpdated = Payload<"event.updated.0">;
export type EventDeleted = Payload<"event.deleted.0">;
export type SalesCounted = Payload<"sales.counted.0">;
export type SalesChanged = Payload<"sales.changed.0">;
export type PollFinished = Payload<"poll.finished.0">;
export type TicketType = EventUpdated["ticketTypes"][number];
export type UnderShop = EventUpdated["underShops"][number];
export type Category = EventUpdated["categories"][number];
export type TicketTypeCount = SalesCounted["ticketTypes"][number];

/** A fact on its way to the datacore. */
export type NewFact<T extends EventType = EventType> = {
  [K in T]: { eventType: K; payload: Payload<K> };
}[T];

/** A fact as the datacore holds it, its payload already checked against its contract. */
export type Fact<T extends EventType = EventType> = {
  [K in T]: {
    /** UUID v1, given by the datacore. */
    factId: string;
    eventType: K;
    payload: Payload<K>;
    /** Of the span that sent it. */
    traceparent?: string;
  };
}[T];

export const flowTypes = [...new Set(Object.values(contracts).map(({ flowType }) => flowType))];

export const eventTypesOf = (flowType: string) =>
  Object.values(contracts)
    .filter((contract) => contract.flowType === flowType)
    .map((contract) => contract.eventType);
