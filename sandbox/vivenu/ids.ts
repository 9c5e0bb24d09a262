import { createHash, randomBytes } from "node:crypto";

const digest = (parts: readonly (string | number)[]) =>
  createHash("sha256").update(parts.join("\n")).digest("hex");

/** 24 hex digits that begin as a Mongo id of these years does; the same for the same parts. */
export const idFrom = (...parts: (string | number)[]) => `68${digest(parts).slice(0, 22)}`;

export function uuidFrom(...parts: (string | number)[]) {
  const hex = digest(parts);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const secondsHex = (at: Date) =>
  Math.floor(at.getTime() / 1000)
    .toString(16)
    .padStart(8, "0");

/** As Mongo makes them: seconds, owner (10 hex digits), counter. */
export const objectId = (at: Date, owner: string, counter: number) =>
  secondsHex(at) + owner + counter.toString(16).padStart(6, "0");

export const randomObjectId = (at: Date) => secondsHex(at) + randomBytes(8).toString("hex");

export const isObjectId = (text: string) => /^[0-9a-f]{24}$/.test(text);

const TURNS = 0x1111_1111_1111_1111n;

/** Another id that belongs to `id`; turning it twice by the same (1 to 15) gives `id` back, so it can be searched by. */
export const turned = (id: string, by: number) =>
  id.slice(0, 8) +
  (BigInt(`0x${id.slice(8)}`) ^ (TURNS * BigInt(by))).toString(16).padStart(16, "0");
