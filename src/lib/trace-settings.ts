/** As `OTEL_TRACES_SAMPLER` names them. */
export const samplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

export interface TraceSettings {
  /** Where spans are posted to, as OTLP over HTTP in JSON. */
  url: string;
  headers: Record<string, string>;
  /** Of this service: `service.name` and others. */
  resource: Record<string, string>;
  sampler: (typeof samplers)[number];
  /** Of the samplers by trace id: the share of traces that is recorded, 0 to 1. */
  share: number;
}
