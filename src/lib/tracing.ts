import { AsyncLocalStorage } from "node:async_hooks";

/** What is said of a span: ids, names and outcomes. No secret, no person, no address, no error's text. */
export type SpanAttributes = Record<string, string | number | boolean>;

export interface SpanOptions {
  /** W3C Trace Context, `00-<trace>-<span>-<flags>`; without it the span that is under way, or none. */
  parent?: string | null | undefined;
  kind?: "server" | "client" | "producer" | "consumer" | "internal";
  attributes?: SpanAttributes;
  /** Milliseconds of the epoch; without it now. */
  startedAt?: number;
}

export interface Span {
  /** What is kept beside the work that this leads to; undefined where nobody records it. */
  readonly traceparent: string | undefined;
  set(attributes: SpanAttributes): void;
  /** Of an error its kind alone is told. */
  end(outcome?: { error?: unknown; endedAt?: number }): void;
}

/** Who records spans. */
export interface Tracer {
  begin(name: string, options: SpanOptions): Span;
  /** Hands over what has ended. */
  flush(): Promise<void>;
}

/** Longer than any that is well formed, and a string of these letters alone is kept. */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Also of what anybody wrote; undefined where it is no trace context. */
export const readTraceparent = (value: unknown): string | undefined =>
  typeof value === "string" && TRACEPARENT.test(value) ? value : undefined;

/** Spans of several processes stand beside each other, so they go by the machine's clock and by no other. */
export const spanTime = () => Date.now();

/** Records nothing; what another process records is handed on. */
const passing = (parent: string | undefined): Span => ({
  traceparent: parent,
  set: () => {},
  end: () => {},
});

const off: Tracer = {
  begin: (_, { parent }) => passing(readTraceparent(parent)),
  flush: async () => {},
};

const underWay = new AsyncLocalStorage<Span>();
let tracer = off;

/** From now on spans of this process are recorded; returns how it is switched off. */
export function recordSpans(by: Tracer): () => void {
  tracer = by;
  return () => {
    tracer = off;
  };
}

export const flushSpans = () => tracer.flush();

/** Of the span that is under way here. */
export const currentTraceparent = () => underWay.getStore()?.traceparent;

/** Its parent is the one that is named, or else the span that is under way. It has to be ended. */
export const beginSpan = (name: string, options: SpanOptions = {}): Span =>
  tracer.begin(name, { ...options, parent: options.parent ?? currentTraceparent() });

/** What is begun within the work has this span as its parent. */
export const inSpan = <Result>(span: Span, work: () => Result): Result =>
  span.traceparent === undefined ? work() : underWay.run(span, work);

/** A span around work, where there is a trace that it belongs to. */
export async function traced<Result>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<Result>,
): Promise<Result> {
  if ((options.parent ?? currentTraceparent()) === undefined) return work(passing(undefined));
  const span = beginSpan(name, options);
  try {
    const result = await inSpan(span, () => work(span));
    span.end();
    return result;
  } catch (error) {
    span.end({ error });
    throw error;
  }
}
