import { expect, test } from "bun:test";
import { loadConfig } from "./config.ts";

const enough = {
  DATABASE_URL: "postgres://service:secret@db.example.com/monitor",
  BACKEND_API_KEY: "backend-secret-key",
  FLOWCORE_API_KEY: "fc_id_secret",
  FLOWCORE_TENANT: "hyrox",
  FLOWCORE_DATA_CORE: "monitor",
  DACH_API: "key_dach_secret",
  DACH_WEBHOOK_SECRET: "dach-webhook-secret",
};
const tracesOf = (more: Record<string, string>) => loadConfig({ ...enough, ...more }).traces;
const AT = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/" };

test("nothing is traced unless a collector is named and nothing switches it off", () => {
  expect(tracesOf({})).toBeUndefined();
  expect(tracesOf({ OTEL_SERVICE_NAME: "races" })).toBeUndefined();
  expect(tracesOf({ ...AT, OTEL_SDK_DISABLED: "true" })).toBeUndefined();
  expect(tracesOf({ ...AT, OTEL_TRACES_EXPORTER: "none" })).toBeUndefined();
  expect(tracesOf({ ...AT, OTEL_SDK_DISABLED: "" })?.url).toBe("http://collector:4318/v1/traces");
});

test("an address for traces alone is taken as it is", () => {
  const url = "https://traces.example.com/a/path/";
  expect(tracesOf({ ...AT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url })?.url).toBe(url);
});

test("a service's name goes before one among the attributes, and these are decoded", () => {
  const resource = "deployment.environment.name=a%20b, service.name=other";
  const named = { ...AT, OTEL_RESOURCE_ATTRIBUTES: resource, OTEL_SERVICE_NAME: "races" };
  const said: Record<string, string> | undefined = tracesOf(named)?.resource;
  expect(said).toEqual({ "deployment.environment.name": "a b", "service.name": "races" });
});

test("what cannot be done is a fault that quotes no header", () => {
  const faulty = () =>
    tracesOf({
      ...AT,
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization: Bearer abc",
      OTEL_TRACES_SAMPLER: "jaeger_remote",
      OTEL_TRACES_SAMPLER_ARG: "2",
    });
  expect(faulty).toThrow(/OTEL_EXPORTER_OTLP_PROTOCOL must be one of http\/json/);
  expect(faulty).toThrow(/OTEL_EXPORTER_OTLP_HEADERS must be name=value/);
  expect(faulty).toThrow(/OTEL_TRACES_SAMPLER must be one of always_on/);
  expect(faulty).toThrow(/OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1/);
  expect(faulty).not.toThrow(/Bearer abc/);
});
