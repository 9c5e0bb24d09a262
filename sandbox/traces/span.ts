import { z } from "zod";

const Id = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-fA-F]{${2 * bytes}}$`));
const Nanos = z.union([z.string().regex(/^\d+$/), z.int()]).transform(Number);
const Attribute = z.object({
  key: z.string(),
  value: z.looseObject({
    stringValue: z.string().optional(),
    intValue: z.union([z.int(), z.string()]).optional(),
    doubleValue: z.number().optional(),
    boolValue: z.boolean().optional(),
  }),
});
const Attributes = z.array(Attribute).default([]);

const WireSpan = z.object({
  traceId: Id(16),
  spanId: Id(8),
  parentSpanId: Id(8).or(z.literal("")).optional(),
  name: z.string().min(1),
  kind: z.int().min(0).max(5),
  startTimeUnixNano: Nanos,
  endTimeUnixNano: Nanos,
  attributes: Attributes,
  status: z.object({ code: z.int().optional(), message: z.string().optional() }).optional(),
});

/** What a collector is sent, as far as anything of it is kept. */
export const ExportRequest = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(WireSpan) })),
    }),
  ),
});

export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  /** Null of the first of a trace. */
  parentSpanId: string | null;
  name: string;
  kind: number;
  /** Milliseconds of the epoch. */
  startedAt: number;
  endedAt: number;
  isError: boolean;
  attributes: Record<string, unknown>;
  /** What the process says of itself. */
  resource: Record<string, unknown>;
}

export const spansIn = ({ resourceSpans }: z.output<typeof ExportRequest>): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, spanId, parentSpanId, name, kind, status, attributes, ...times }) => ({
        ...{ traceId, spanId, name, kind, parentSpanId: parentSpanId || null },
        startedAt: times.startTimeUnixNano / 1e6,
        endedAt: times.endTimeUnixNano / 1e6,
        isError: status?.code === 2,
        attributes: plain(attributes),
        resource: plain(resource.attributes),
      })),
    ),
  );

const plain = (attributes: z.output<typeof Attributes>) =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue ?? null,
    ]),
  );
