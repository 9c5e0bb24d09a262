import { createHmac } from "node:crypto";
import type { Config } from "../../config/config.ts";

/**
 * By it the process that is asked tells the one that reads who asks. Both have the address of the database;
 * whoever knows that needs no API.
 */
export const handoverOf = ({ database }: Config) => secretFor("handover", database);

/** By it sessions and links are sealed; all replicas have one database. */
export const sealSecretOf = ({ database }: Config) => secretFor("seal", database);

const secretFor = (what: string, { url }: Config["database"]) =>
  createHmac("sha256", url.reveal()).update(what).digest("base64url");
