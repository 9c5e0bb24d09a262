import { invalid } from "./refusal.ts";

/** A field mask as a tree; "*" stands for everything below. */
export type Mask = "*" | { readonly [field: string]: Mask };

/** Reads `sheets(properties.title,data/rowData)`, as Google writes masks in `fields`. Probe: google/bad-mask. */
export function parseMask(text: string): Mask {
  const tokens = text.match(/[A-Za-z0-9_]+|\S/g) ?? [];
  let at = 0;
  const mask = readList();
  if (at < tokens.length || tokens.length === 0) throw unreadable();
  return mask;

  function readList(): Mask {
    let list = readPath();
    while (tokens[at] === ",") {
      at += 1;
      list = unite(list, readPath());
    }
    return list;
  }

  function readPath(): Mask {
    const name = tokens[at];
    at += 1;
    if (name === "*") return "*";
    if (name === undefined || !/^\w+$/.test(name)) throw unreadable();
    const next = tokens[at];
    if (next === "." || next === "/") {
      at += 1;
      return { [name]: readPath() };
    }
    if (next !== "(") return { [name]: "*" };
    at += 1;
    const inner = readList();
    if (tokens[at] !== ")") throw unreadable();
    at += 1;
    return { [name]: inner };
  }

  function unreadable() {
    return invalid(`Error expanding 'fields' parameter. Cannot parse '${text.slice(0, 200)}'.`);
  }
}

function unite(one: Mask, other: Mask): Mask {
  if (one === "*" || other === "*") return "*";
  const both: Record<string, Mask> = { ...one };
  for (const [name, mask] of Object.entries(other)) {
    const there = both[name];
    both[name] = there ? unite(there, mask) : mask;
  }
  return both;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What of `value` the mask names. Only that is read, so what is costly to make can be a getter. */
export function pick(value: unknown, mask: Mask): unknown {
  if (mask === "*") return value;
  if (Array.isArray(value)) return value.map((item) => pick(item, mask));
  if (!isObject(value)) return value;
  const picked: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(mask)) {
    const found = value[name];
    if (found !== undefined) picked[name] = pick(found, inner);
  }
  return picked;
}

/** Probe: google/write-mask. `target` with the fields that the mask names as `source` has them, gone where `source` has none. */
export function overlay(target: unknown, source: unknown, mask: Mask): unknown {
  if (mask === "*") return source;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, inner] of Object.entries(mask)) {
    const value = overlay(result[name], isObject(source) ? source[name] : undefined, inner);
    if (value === undefined) delete result[name];
    else result[name] = value;
  }
  return Object.keys(result).length > 0 ? result : undefined;
}
