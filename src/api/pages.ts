import type { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { ApiOptions } from "./app.ts";
import type { ApiEnv } from "./request/problem.ts";

/** The views of `src/page`, at the places that are theirs among the routes. */
export interface Pages {
  /** Whatever went wrong, as a page for who asked for one. */
  faults: MiddlewareHandler<ApiEnv>;
  /** What needs no key: the styles and the script, and how to sign in. */
  addOpen(app: OpenAPIHono<ApiEnv>, options: ApiOptions): void;
  addViews(app: OpenAPIHono<ApiEnv>, options: ApiOptions): void;
}

/** The views that are made of rows: kept, bounded and worked on as reads under `/api` are. */
export const pagePaths: readonly string[] = [
  "/",
  "/events/:eventId",
  "/launches",
  "/changes",
  "/how",
  "/how/forecast",
];
