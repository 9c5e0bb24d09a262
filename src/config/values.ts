import { z } from "zod";

export type Given = Record<string, string | undefined>;

/** What the variables of one room are once they are read. */
export type Values<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

/** What switches off a variable that is otherwise a schedule or a list. */
export const OFF = "off";

export const flag = z.stringbool({ error: "must be on or off" });

export const oneOf = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, { error: `must be one of ${words.join(", ")}` });

export const names = z.string().transform((list) =>
  list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== ""),
);

export const origin = z
  .url({ protocol: /^https?$/, error: "must be an http or https address" })
  .transform((url) => url.replace(/\/+$/, ""));

export const whole = (from: number, to: number) => {
  const error = `must be a whole number from ${from} to ${to}`;
  return z.coerce.number({ error }).int(error).min(from, error).max(to, error);
};

/** Rooms say their own defaults, in milliseconds. */
export const secondsOf = (ms: number) => ms / 1_000;

/** Who can guess a key can read everything, or sign webhooks; Vivenu's own are UUIDs, and `openssl` makes longer ones. */
export const SHORTEST_KEY = 16;

/** In a manifest an unset variable often arrives as an empty one, and a secret's file ends with a newline. */
export const setVariables = (env: Given): Given =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])),
  );
