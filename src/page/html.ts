import type { JSX as Known } from "hono/jsx/jsx-runtime";
import { escapeToBuffer } from "hono/utils/html";

/**
 * What TypeScript makes of a tag: HTML at once, byte for byte as `hono/jsx` writes it. That one builds a tree
 * and looks a context up at each node of it; views have neither contexts nor promises, and cost a third of the
 * CPU without. Every text and every value of an attribute is escaped, whoever wrote it; names of tags and
 * attributes are this program's own.
 */
export function jsx(tag: string | Component, props: Props): Html {
  if (typeof tag === "function") return tag(props) ?? NOTHING;
  const { children } = props;
  const begun = `<${tag}${attributesOf(props)}`;
  if (children === undefined && VOID.has(tag)) return new Html(`${begun}/>`);
  return new Html(`${begun}>${textOf(children)}</${tag}>`);
}

/** The same by the names that are asked for where there are several children, and where nothing was built. */
export { jsx as jsxDEV, jsx as jsxs };

export const Fragment = ({ children }: Props) => new Html(textOf(children));

/** What is escaped already; nothing else makes one. */
class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString() {
    return this.#text;
  }
}

export type { Html };

export type Child = string | number | boolean | null | undefined | Html | readonly Child[];

export declare namespace JSX {
  type Element = Html;
  interface ElementChildrenAttribute {
    children: Child;
  }
  interface IntrinsicElements extends Known.IntrinsicElements {}
}

interface Props {
  children?: Child;
  [name: string]: unknown;
}

type Component = (props: Props) => Html | null;

const NOTHING = new Html("");

/** Elements that hold nothing. */
const VOID: ReadonlySet<string> = new Set([
  ...["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"],
  ...["track", "wbr"],
]);

/** Attributes that are there or not; all others say true or false, as `aria-sort` does. */
const FLAGS: ReadonlySet<string> = new Set([
  ...["allowfullscreen", "async", "autofocus", "autoplay", "checked", "controls", "default"],
  ...["defer", "disabled", "download", "formnovalidate", "hidden", "inert", "ismap", "itemscope"],
  ...["loop", "multiple", "muted", "nomodule", "novalidate", "open", "playsinline", "readonly"],
  ...["required", "reversed", "selected"],
]);

function attributesOf(props: Props): string {
  let text = "";
  for (const name in props) {
    const value = props[name];
    if (name === "children" || value === undefined || value === null) continue;
    if (typeof value !== "boolean" || !FLAGS.has(name)) text += ` ${name}="${escaped(`${value}`)}"`;
    else if (value) text += ` ${name}=""`;
  }
  return text;
}

function textOf(child: Child): string {
  if (typeof child === "string") return escaped(child);
  if (typeof child === "number") return String(child);
  if (child === null || child === undefined || typeof child === "boolean") return "";
  if (child instanceof Html) return child.toString();
  let text = "";
  for (const one of child) text += textOf(one);
  return text;
}

const SPECIAL = /[&<>'"]/;

function escaped(text: string): string {
  if (!SPECIAL.test(text)) return text;
  const buffer: [string] = [""];
  escapeToBuffer(text, buffer);
  return buffer[0];
}
