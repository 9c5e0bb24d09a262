import { describe, expect, test } from "bun:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { z } from "zod";
import {
  changeRow,
  eventRow,
  KEY,
  ringOf,
  salesRow,
  testApi,
  ticketTypeRow,
} from "../../test/support/test-api.ts";
import { systemClock } from "../lib/clock.ts";
import type { StreamOptions } from "./changes/stream.ts";
import { rowFeed } from "./changes/stream-feed.ts";
import { keptRoutes } from "./kept.ts";
import type { OperationsOptions } from "./operation/operations.ts";
import { actionExample } from "./operation/operations-shapes.ts";
import type { KeyRing } from "./request/callers.ts";

const Media = z.object({
  schema: z.record(z.string(), z.unknown()),
  example: z.unknown().optional(),
});

const Operation = z.object({
  operationId: z.string(),
  summary: z.string(),
  tags: z.array(z.string()).min(1),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.enum(["query", "path", "header"]),
        required: z.boolean().optional(),
        style: z.string().optional(),
        explode: z.boolean().optional(),
        schema: z.record(z.string(), z.unknown()),
      }),
    )
    .optional(),
  responses: z.record(
    z.string().regex(/^[2-5]\d\d$/),
    z.object({
      description: z.string().min(1),
      content: z.record(z.string(), Media).optional(),
      headers: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});

const Document = z.object({
  openapi: z.literal("3.1.0"),
  info: z.object({ title: z.string(), version: z.literal("1.2.3") }),
  servers: z.array(z.object({ url: z.string() })),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(z.string().startsWith("/"), z.partialRecord(z.enum(["get", "post"]), Operation)),
  components: z.object({
    schemas: z.record(z.string(), z.record(z.string(), z.unknown())),
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.enum(["http", "apiKey"]) })),
  }),
});

const metrics = async () => ({ contentType: "text/plain", body: "up 1\n" });

/** Nothing is told in it. */
const stream: StreamOptions = {
  feed: rowFeed({
    source: {
      readNewest: async () => ({ position: 7, mark: "ab" }),
      isKept: async () => false,
      read: async () => [],
      listen: async () => {},
    },
    clock: systemClock,
    onFailure: () => {},
  }),
  most: 1,
  signal: new AbortController().signal,
};

const operations: OperationsOptions = {
  read: async () => ({
    ...{ actions: [actionExample], webhooks: [], deadLetters: [letterExample] },
    budgets: [{ region: "DACH", requestsLastHour: 120, perHour: 4_500 }],
  }),
  readAction: async (id) => (id === actionExample.id ? actionExample : undefined),
  ask: async () => actionExample,
};
const letterExample = {
  ...{ id: "delivery-41", account: "DACH", type: "event.updated", reason: "it has no name" },
  ...{ at: actionExample.askedAt, failures: 7, state: "dead" },
};

const ofAdmin: KeyRing = {
  read: async () => (await ringOf(KEY).read()).map((key) => ({ ...key, isAdmin: true })),
};

const full = () =>
  testApi({
    ...{ stream, operations },
    ...{ events: [eventRow()], ticketTypes: [ticketTypeRow()], metrics },
    ...{ changes: [changeRow()], sales: [salesRow()] },
  });

async function readDocument() {
  const json = await full().read("/openapi.json");
  return { json, document: Document.parse(json) };
}

const operationsOf = (document: z.infer<typeof Document>) =>
  Object.entries(document.paths).flatMap(([path, { get, post }]) => [
    ...(get ? [{ path, operation: get, method: "get" as const }] : []),
    ...(post ? [{ path, operation: post, method: "post" as const }] : []),
  ]);

const inAddress = (parameter: { in: string }) => parameter.in !== "header";

/** Checks values against a schema of the document, its references included. */
function checker(json: object) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(json, "document");
  return (path: string, status: string, mediaType: string, method = "get") => {
    const pointer = ["paths", path, method, "responses", status, "content", mediaType, "schema"]
      .map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")))
      .join("/");
    return (value: unknown) => {
      const validate = ajv.compile({ $ref: `document#/${pointer}` });
      validate(value);
      return validate.errors ?? [];
    };
  };
}

describe("/openapi.json", () => {
  test("has the structure of OpenAPI 3.1 and holds every route", async () => {
    const { document } = await readDocument();
    const { app } = full();
    const routes = app.routes
      .filter(({ method, path }) => ["GET", "POST"].includes(method) && !path.startsWith("/docs/"))
      .map(({ path }) => path.replaceAll(/:(\w+)/g, "{$1}"));
    expect(Object.keys(document.paths).toSorted()).toEqual([...new Set(routes)].toSorted());
    const ids = operationsOf(document).map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("resolves every reference", async () => {
    const { json, document } = await readDocument();
    const references = [...JSON.stringify(json).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, ref]) => ref,
    );
    expect(references.length).toBeGreaterThan(5);
    for (const reference of references) {
      const name = reference?.replace("#/components/schemas/", "") ?? "";
      expect(Object.keys(document.components.schemas)).toContain(name);
    }
  });

  test("asks for a key in either form, and for none at the probes", async () => {
    const { document } = await readDocument();
    expect(document.security).toEqual([{ bearer: [] }, { apiKey: [] }, { basic: [] }]);
    expect(document.components.securitySchemes).toMatchObject({
      bearer: { type: "http", scheme: "bearer" },
      apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
    });
    for (const { path, operation } of operationsOf(document)) {
      const open = ["/health", "/ready"].includes(path);
      expect([path, operation.security?.length === 0]).toEqual([path, open]);
      expect([path, "401" in operation.responses]).toEqual([path, !open]);
    }
  });

  test("declares every parameter with its bounds", async () => {
    const { document } = await readDocument();
    const parameters = Object.fromEntries(
      operationsOf(document).map(({ path, operation }) => [
        path,
        (operation.parameters ?? []).filter(inAddress).map(({ name }) => name),
      ]),
    );
    const tables = ["format", "delimiter", "decimal"];
    const ofTypes = ["class", "inTotals", "active", "current"];
    const filters = [
      ...["region", "status", "class", "eventType", "q", "from", "to"],
      ...["percentSoldMin", "percentSoldMax", "inTotals", "active", "current"],
    ];
    expect(parameters).toMatchObject({
      "/api/events": [
        ...["limit", "cursor", ...filters, "ids", "as_of", "sort", "fields", "updatedSince"],
        ...["comparables", "vsUsualMin", "vsUsualMax"],
        ...tables,
      ],
      "/api/events/{eventId}": ["eventId", ...ofTypes, "as_of", "fields", "comparables"],
      "/api/events/{eventId}/ticket-types": ["eventId", ...ofTypes, "as_of", "fields"],
      "/api/summary": [...filters, "ids", "as_of"],
      "/api/regions": [...filters, "ids", "as_of"],
      "/api/ticket-types": [
        ...["limit", "cursor", ...filters, "eventId", "ids", "as_of", "sort", "fields"],
        "updatedSince",
        ...tables,
      ],
      "/api/events/{eventId}/sales": [
        ...["eventId", "by", "per", "from", "to", "as_of", "limit", "cursor", ...tables],
      ],
      "/api/events/{eventId}/levels": [
        ...["eventId", "by", "per", "from", "to", "as_of", "limit", "cursor", ...tables],
      ],
      "/api/events/{eventId}/forecast": ["eventId", "as_of", "comparables"],
      "/api/sales": [
        ...[
          "by",
          "eventId",
          "region",
          "status",
          "class",
          "from",
          "to",
          "as_of",
          "minDay",
          "maxDay",
        ],
        ...["limit", "cursor", ...tables],
      ],
      "/api/stream": ["region", "eventId", "lastEventId"],
      "/api/changes": [
        ...["limit", "cursor", "region", "eventId", "ticketTypeId", "field", "severity"],
        ...["changeType", "class", "q", "firstCounts", "since", "until", "as_of", ...tables],
      ],
    });
    const [limit, , region] = document.paths["/api/events"]?.get?.parameters ?? [];
    expect(limit?.schema).toMatchObject({ type: "integer", minimum: 1, maximum: 200, default: 50 });
    expect(limit?.required ?? false).toBe(false);
    expect(region?.schema).toMatchObject({ type: "array", items: { enum: ["DACH", "FRANCE"] } });
    expect(region).toMatchObject({ style: "form", explode: false });
    for (const { path, operation } of operationsOf(document)) {
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
      expect(inPath.every(({ required }) => required)).toBe(true);
    }
  });

  test("says of which answers one is told that they still hold, and how", async () => {
    const { document } = await readDocument();
    const kept = operationsOf(document).filter(({ operation }) => "304" in operation.responses);
    expect(kept.map(({ path }) => path.replaceAll(/\{(\w+)\}/g, ":$1")).sort()).toEqual(
      [...keptRoutes.keys()].sort(),
    );
    for (const { operation } of kept) {
      expect(operation.parameters?.map(({ name }) => name)).toContain("If-None-Match");
      for (const status of ["200", "304"])
        expect(Object.keys(operation.responses[status]?.headers ?? {})).toContain("ETag");
    }
  });

  test("describes every field, parameter and header", async () => {
    const { json } = await readDocument();
    const silent: string[] = [];
    const isSaid = (said: object): boolean =>
      "description" in said ||
      "$ref" in said ||
      ("allOf" in said && (said.allOf as object[]).some((one) => "description" in one));
    const look = (path: string, found: unknown) => {
      if (typeof found !== "object" || found === null) return;
      for (const [name, inner] of Object.entries(found)) {
        // What stands in an example is no field.
        if (["example", "examples", "enum"].includes(name)) continue;
        look(`${path}.${name}`, inner);
        if (["properties", "headers"].includes(name))
          for (const [field, said] of Object.entries(inner as Record<string, object>))
            if (!isSaid(said)) silent.push(`${path}.${field}`);
        if (name === "parameters" && Array.isArray(inner))
          for (const one of inner as { name: string; description?: string }[])
            if (!one.description) silent.push(`${path} ${one.name}`);
      }
    };
    look("", json);
    expect(silent).toEqual([]);
  });

  test("says of every operation that asks for a key what its rate and its scope may refuse, and how to go on", async () => {
    const { document } = await readDocument();
    for (const { path, operation } of operationsOf(document)) {
      if (operation.security?.length === 0) continue;
      const { responses } = operation;
      expect([path, Object.keys(responses)]).toEqual([
        path,
        expect.arrayContaining(["401", "403", "406", "429"]),
      ]);
      expect([path, Object.keys(responses["401"]?.headers ?? {})]).toEqual([
        path,
        ["WWW-Authenticate"],
      ]);
      if (responses["503"])
        expect([path, Object.keys(responses["503"].headers ?? {})]).toEqual([
          path,
          ["Retry-After"],
        ]);
      const answer = responses["200"] ?? responses["202"];
      expect([path, Object.keys(answer?.headers ?? {})]).toEqual([
        path,
        expect.arrayContaining(["RateLimit", "RateLimit-Policy"]),
      ]);
    }
    const { get, post } = document.paths["/api/operations"] ?? {};
    expect([get?.responses["403"]?.description, post]).toEqual([
      "The key is not admin's, or a page of another site asks.",
      undefined,
    ]);
  });

  test("has examples that fit their schemas", async () => {
    const { json, document } = await readDocument();
    const check = checker(json);
    for (const { path, operation, method } of operationsOf(document)) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        for (const [mediaType, { example }] of Object.entries(content ?? {})) {
          if (example !== undefined)
            expect(check(path, status, mediaType, method)(example)).toEqual([]);
        }
      }
    }
    for (const path of [
      ...["/api/events", "/api/events/{eventId}", "/api/ticket-types", "/status"],
      ...[
        "/api/events/{eventId}/sales",
        "/api/sales",
        "/api/events/{eventId}/levels",
        "/api/changes",
      ],
    ]) {
      const json = document.paths[path]?.get?.responses["200"]?.content?.["application/json"];
      expect([path, json?.example !== undefined]).toEqual([path, true]);
    }
  });

  test("describes what is really answered, errors included", async () => {
    const { json } = await readDocument();
    const { app, get } = full();
    const check = checker(json);
    for (const [path, asked] of [
      ["/health", "/health"],
      ["/ready", "/ready"],
      ["/status", "/status"],
      ["/api/events", "/api/events?limit=1"],
      ["/api/events/{eventId}", "/api/events/e1"],
      ["/api/events/{eventId}/ticket-types", "/api/events/e1/ticket-types"],
      ["/api/ticket-types", "/api/ticket-types"],
      ["/api/events/{eventId}/sales", "/api/events/e1/sales"],
      ["/api/sales", "/api/sales"],
      ["/api/events/{eventId}/levels", "/api/events/e1/levels"],
      ["/api/changes", "/api/changes"],
      ["/openapi.json", "/openapi.json"],
    ] as const) {
      const answer = await get(asked);
      expect(check(path, "200", "application/json")(await answer.json())).toEqual([]);
    }
    const admin = testApi({ operations, keys: ofAdmin }).app;
    const headers = { "x-api-key": KEY, "content-type": "application/json" };
    const body = JSON.stringify({ act: "retry", confirm: "retry", all: true });
    for (const [path, asked, status, method] of [
      ["/api/operations", "/api/operations", "200", "get"],
      ["/api/operations/acts/{actionId}", `/api/operations/acts/${actionExample.id}`, "200", "get"],
      ["/api/operations/acts", "/api/operations/acts", "202", "post"],
    ] as const) {
      const answer = await admin.request(asked, {
        ...{ method, headers },
        ...(method === "post" && { body }),
      });
      expect([path, answer.status]).toEqual([path, Number(status)]);
      expect(check(path, status, "application/json", method)(await answer.json())).toEqual([]);
    }
    const isProblem = (path: string, status: string) =>
      check(path, status, "application/problem+json");
    const refused = await app.request("/api/events");
    expect(isProblem("/api/events", "401")(await refused.json())).toEqual([]);
    const missing = await get("/api/events/e9");
    expect(isProblem("/api/events/{eventId}", "404")(await missing.json())).toEqual([]);
  });
});

describe("/docs", () => {
  test("is a page whose every part is served here", async () => {
    const { get } = full();
    const answer = await get("/docs");
    expect(answer.headers.get("content-type")).toContain("text/html");
    const html = await answer.text();
    const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses).toHaveLength(5);
    for (const address of addresses) {
      if (address?.startsWith("data:")) continue;
      const { pathname, origin } = new URL(address ?? "", "http://localhost/docs");
      expect(origin).toBe("http://localhost");
      expect((await get(pathname)).status).toBe(200);
    }
  });

  test("lets a browser ask no other host and run no inline script", async () => {
    const { get } = full();
    const answer = await get("/docs");
    const policy = answer.headers.get("content-security-policy") ?? "";
    const sources = policy.split("; ").map((directive) => directive.split(" "));
    expect(sources[0]).toEqual(["default-src", "'none'"]);
    for (const [directive, ...allowed] of sources) {
      const harmless = directive === "img-src" ? ["'self'", "data:"] : ["'self'", "'none'"];
      expect(allowed.filter((source) => !harmless.includes(source))).toEqual([]);
    }
    expect(await answer.text()).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|https?:/);
    const start = await (await get("/docs/start.js")).text();
    expect(start).toContain("validatorUrl: null");
    expect(start).not.toMatch(/https?:/);
  });

  test("keeps Swagger UI in the browser's cache, and out of shared ones", async () => {
    const { app, get } = full();
    const html = await (await get("/docs")).text();
    const [path] = /docs\/[\d.]+\/swagger-ui-bundle\.js/.exec(html) ?? [];
    const answer = await get(`/${path}`);
    expect(answer.headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
    expect(answer.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect((await answer.text()).length).toBeGreaterThan(1_000_000);
    expect((await app.request(`/${path}`)).status).toBe(401);
  });

  test("opens in a browser over HTTP", async () => {
    const { app } = full();
    await using server = Bun.serve({ port: 0, fetch: app.fetch });
    const headers = { authorization: `Basic ${btoa(`me:${KEY}`)}` };
    const page = await fetch(new URL("/docs", server.url), { headers });
    expect(page.status).toBe(200);
    const script = /docs\/[\d.]+\/swagger-ui\.css/.exec(await page.text())?.[0] ?? "";
    const styles = await fetch(new URL(script, server.url), { headers });
    expect(styles.headers.get("content-type")).toBe("text/css; charset=utf-8");
    expect(await styles.text()).toContain(".swagger-ui");
    const head = await fetch(new URL("/api/events", server.url), {
      method: "HEAD",
      headers: { "x-api-key": KEY },
    });
    expect(head.status).toBe(200);
  });
});

test("an address or headers that are too large are 431, as operations say that refuse nothing else", async () => {
  const { app } = full();
  await using server = Bun.serve({ port: 0, fetch: app.fetch });
  const ask = (headers: Record<string, string>, path = "") =>
    fetch(`${server.url}health${path}`, { headers });
  expect((await ask({ "x-note": "a".repeat(15_000) })).status).toBe(200);
  expect((await ask({ "x-note": "a".repeat(17_000) })).status).toBe(431);
  expect((await ask({}, `?${"a".repeat(17_000)}`)).status).toBe(431);
  const { document } = await readDocument();
  for (const { path, operation } of operationsOf(document))
    if (operation.security?.length === 0)
      expect([path, "431" in operation.responses]).toEqual([path, true]);
});
