import type postgres from "postgres";
import type { DatacoreFaults } from "./faults.ts";
import type { Announce } from "./notifications.ts";
import { forbidden } from "./problem.ts";
import { readTenant, type Tenant } from "./schema.ts";

/** What every route is given. */
export interface Datacore {
  sql: postgres.Sql;
  /** The key's own: it is granted everything of this tenant and nothing of another. */
  tenant: Tenant;
  now: () => Date;
  faults: DatacoreFaults;
  /** Tells whoever waits at a socket what was stored. */
  announce: Announce;
  /** How the event source answers for an event type it does not know. */
  unknownTypeStatus: 401 | 404;
  /** Whether a back-dated event gets a back-dated id; what Flowcore does is contradictory. */
  idFromEventTime: boolean;
}

export function requireGrant({ tenant }: Datacore, action: string, tenantId: string) {
  if (tenantId !== tenant.id) throw forbidden(action, `frn::${tenantId}`);
}

/** The key's tenant by its name; `undefined` when there is none of that name. */
export async function findGrantedTenant(datacore: Datacore, action: string, name: string) {
  const found = await readTenant(datacore.sql, { name });
  if (found) requireGrant(datacore, action, found.id);
  return found;
}
