import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { type ApiEnv, problems } from "../request/problem.ts";

export type ReadMetrics = () => Promise<{ contentType: string; body: string }>;

const route = createRoute({
  method: "get",
  path: "/metrics",
  operationId: "readMetrics",
  tags: ["Operation"],
  summary: "Metrics for Prometheus",
  description: "Of all processes of this replica together.",
  responses: {
    200: {
      description: "In Prometheus' text format.",
      content: {
        "text/plain": { schema: z.string(), example: "outbox_waiting 0\n" },
      },
    },
    401: problems[401],
    500: problems[500],
    503: problems[503],
  },
});

export const addMetrics = (app: OpenAPIHono<ApiEnv>, readMetrics: ReadMetrics) =>
  app.openapi(route, async (c) => {
    const { contentType, body } = await readMetrics();
    return c.text(body, 200, { "content-type": contentType });
  });
