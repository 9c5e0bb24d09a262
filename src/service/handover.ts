import { createHmac } from "node:crypto";
import type { Config } from "../config/config.ts";

/**
 * By it the process that is asked tells the one that reads who asks. Both have the address of the database;
 * whoever knows that needs no API.
 */
export const handoverOf = ({ database }: Config) =>
  createHmac("sha256", database.url.reveal()).update("handover").digest("base64url");
