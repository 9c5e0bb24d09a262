import { unescape as decoded } from "node:querystring";
import { inspect } from "node:util";

/** A value that prints as "[secret]"; `reveal` is the one way out, so a search for it lists every use. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal = () => this.#value;
  toJSON = () => "[secret]";
  toString = () => "[secret]";
  [inspect.custom] = () => "[secret]";
}

/** Every secret within; of an address only its password is one, and what of a web address nobody would guess. */
export function secretsOf(value: unknown): string[] {
  if (value instanceof Secret) {
    const secret = value.reveal();
    return secret.includes("://") ? passwordsOf(secret) : [secret];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(secretsOf);
}

/** Words of an address are shorter than what opens a door. */
const UNGUESSABLE = 16;

function passwordsOf(address: string): string[] {
  const { protocol, password, pathname, searchParams } = new URL(address);
  const parts = /^https?:$/.test(protocol)
    ? [...pathname.split("/"), ...searchParams.values()]
    : [];
  return [password, decoded(password), ...parts.filter((part) => part.length >= UNGUESSABLE)];
}
