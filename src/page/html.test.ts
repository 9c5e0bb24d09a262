import { expect, test } from "bun:test";
import * as hono from "hono/jsx/jsx-runtime";
import { fc } from "../../test/support/fast-check.ts";
import { Fragment, jsx } from "./html.ts";

const HOSTILE = `<img src=x onerror=alert(1)>"'&`;

interface Drawn {
  kind: "element" | "fragment" | "component";
  tag: string;
  attributes: Record<string, unknown>;
  children: unknown[];
}

const text = fc.oneof(fc.constantFrom("", HOSTILE, "a & b", "Zürich"), fc.string());
const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.constantFrom(null, undefined));
const { view } = fc.letrec<{ view: Drawn; child: unknown }>((tie) => ({
  child: fc.oneof({ depthSize: "small" }, value, tie("view")),
  view: fc.record({
    kind: fc.constantFrom("element", "element", "fragment", "component"),
    tag: fc.constantFrom("p", "td", "a", "svg", "path", "details"),
    attributes: fc.dictionary(
      fc.constantFrom("class", "href", "data-part", "aria-sort", "checked", "open", "viewBox"),
      value,
    ),
    children: fc.array(tie("child"), { maxLength: 4 }),
  }),
}));

const isDrawn = (child: unknown): child is Drawn => typeof child === "object" && child !== null;

/** The same view by one or the other: what TypeScript makes of tags. */
function draw(by: { jsx: CallableFunction; Fragment: unknown }, { children, ...view }: Drawn) {
  const shown = children.map((child): unknown => (isDrawn(child) ? draw(by, child) : child));
  const { kind, tag, attributes } = view;
  if (kind === "fragment") return by.jsx(by.Fragment, { children: shown });
  if (kind === "element") return by.jsx(tag, { ...attributes, children: shown });
  const Component = (props: object) => by.jsx(tag, props);
  return by.jsx(Component, { ...attributes, children: shown });
}

test("a view is written byte for byte as hono/jsx writes it", () => {
  fc.assert(
    fc.property(view, (one) => {
      expect(String(draw({ jsx, Fragment }, one))).toBe(String(draw(hono, one)));
    }),
    { numRuns: 300 },
  );
});

test("whatever somebody wrote is text, in an element and in an attribute", () => {
  const escaped = "&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;";
  const html = String(jsx("p", { title: HOSTILE, children: HOSTILE }));
  expect(html).toBe(`<p title="${escaped}">${escaped}</p>`);
});

test("an element that holds nothing has no end", () => {
  expect(String(jsx("br", {}))).toBe("<br/>");
  expect(String(jsx("p", {}))).toBe("<p></p>");
});
