const LONGEST_MS = 60_000;

export interface Answer {
  status: number;
  body: unknown;
}

/** One request without any client between, so that what is seen is what was answered. */
export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(LONGEST_MS) });
  const text = await response.text();
  return { status: response.status, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A field of what may be anything: `field(body, "rows", 0, "_id")`. */
export function field(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );
}

export const list = (value: unknown, ...path: (string | number)[]): unknown[] => {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
};

/** What kinds of values an object's fields hold: its shape, without what it says. */
export const kindOf = (value: unknown) =>
  Array.isArray(value) ? "array" : value === null ? "null" : typeof value;

export const kinds = (value: unknown, ...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, kindOf(field(value, name))]));

/** The error of a client's call that was refused; what was answered instead is an error of its own. */
export const refusal = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "was carried out",
    (error: unknown) => error,
  );

/** What a client's call throws, by the name of its class. */
export async function thrown(call: Promise<unknown>): Promise<string> {
  const error = await refusal(call);
  return error instanceof Error ? error.constructor.name : String(error);
}
