import { z } from "zod";
import { samplers } from "../lib/trace-settings.ts";
import { Secret } from "./secret.ts";
import { flag, type Given, oneOf, origin, type Values } from "./values.ts";

const secret = z.string().transform((value) => new Secret(value));

/** OpenTelemetry's own names and meanings, as far as they are read here. */
export const traceVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: origin
    .optional()
    .describe(
      "A collector that takes OTLP over HTTP, as `http://collector:4318`: traces are posted to `/v1/traces` behind it, in JSON. Unset, with the next one, nothing is traced and no package for it is loaded.",
    ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z
    .url({ protocol: /^https?$/, error: "must be an http or https address" })
    .optional()
    .describe("The whole address for traces, in the place of the one before."),
  OTEL_EXPORTER_OTLP_HEADERS: secret
    .optional()
    .describe("What the collector wants to be sent, as `name=value,name=value`, URL-encoded."),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: secret
    .optional()
    .describe("The same for traces alone; of a name in both, this one holds."),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf(["http/json"])
    .default("http/json")
    .describe("Others are not spoken."),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: oneOf(["http/json"])
    .default("http/json")
    .describe("The same for traces."),
  OTEL_SERVICE_NAME: z
    .string()
    .default("vivenu-event-monitor")
    .describe("What this service is called in a trace."),
  OTEL_RESOURCE_ATTRIBUTES: z
    .string()
    .optional()
    .describe("What else is said of it, as `name=value,name=value`, URL-encoded."),
  OTEL_TRACES_SAMPLER: oneOf(samplers)
    .default("parentbased_always_on")
    .describe("Which traces are recorded: all, none, or a share of them."),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number({ error: "must be a number from 0 to 1" })
    .min(0, "must be a number from 0 to 1")
    .max(1, "must be a number from 0 to 1")
    .default(1)
    .describe("That share, of the samplers by `traceidratio`: 0.01 is one in a hundred."),
  OTEL_TRACES_EXPORTER: oneOf(["otlp", "none"]).default("otlp").describe("`none` traces nothing."),
  OTEL_SDK_DISABLED: flag.default(false).describe("`true` traces nothing."),
};

/** Undefined where nothing is traced. */
export function traceSettings(e: Values<typeof traceVariables>) {
  const url =
    e.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ??
    (e.OTEL_EXPORTER_OTLP_ENDPOINT && `${e.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`);
  if (url === undefined || e.OTEL_SDK_DISABLED || e.OTEL_TRACES_EXPORTER === "none")
    return undefined;
  return {
    url,
    headers: [e.OTEL_EXPORTER_OTLP_HEADERS, e.OTEL_EXPORTER_OTLP_TRACES_HEADERS].filter(
      (one) => one !== undefined,
    ),
    resource: { ...pairsOf(e.OTEL_RESOURCE_ATTRIBUTES), "service.name": e.OTEL_SERVICE_NAME },
    sampler: e.OTEL_TRACES_SAMPLER,
    share: e.OTEL_TRACES_SAMPLER_ARG,
  };
}

export type TraceConfig = NonNullable<ReturnType<typeof traceSettings>>;

/** Without what is in them: headers are secrets. */
export function traceFaults(given: Given): string[] {
  const names = [
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_RESOURCE_ATTRIBUTES",
  ] as const;
  return names.filter((name) => !isPairs(given[name])).map((name) => `${name} ${NO_PAIRS}`);
}

const NO_PAIRS = "must be name=value,name=value, URL-encoded";

export const pairsOf = (text = ""): Record<string, string> =>
  Object.fromEntries(
    text
      .split(",")
      .filter((pair) => pair.trim() !== "")
      .map((pair) => {
        const at = pair.indexOf("=");
        return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())];
      }),
  );

function isPairs(text = "") {
  try {
    pairsOf(text);
  } catch {
    return false;
  }
  return text
    .split(",")
    .every((pair) => pair.trim() === "" || /^\s*[\w.!#$&*+^`|~-]+\s*=/.test(pair));
}
