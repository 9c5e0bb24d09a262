import type { Context } from "hono";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { ApiEnv } from "../api/request/problem.ts";

/** Nothing inline, nothing from another host, in nobody's frame. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};

export const asHtml = (page: JSX.Element) => `<!doctype html>${String(page)}`;

export const answerPage = (c: Context<ApiEnv>, page: JSX.Element) =>
  c.html(asHtml(page), 200, pageHeaders);
