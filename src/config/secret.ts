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

/** Every secret within; of an address only its password is one. */
export function secretsOf(value: unknown): string[] {
  if (value instanceof Secret) {
    const secret = value.reveal();
    return secret.includes("://") ? passwordsOf(secret) : [secret];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(secretsOf);
}

function passwordsOf(address: string): string[] {
  const { password } = new URL(address);
  return [password, decoded(password)];
}
