import type postgres from "postgres";
import { isUuid } from "./uuid-v1.ts";

/** An event type with everything that an event says of where it belongs. */
export interface NamedEventType {
  id: string;
  name: string;
  flowType: string;
  flowTypeId: string;
  dataCoreId: string;
  tenant: string;
  tenantId: string;
}

export interface EventTypeNames {
  tenant: string;
  /** By id; `ingestion` also finds it by name. */
  dataCore: string;
  flowType: string;
  eventTypes: string[];
}

const named = (sql: postgres.ISql) => sql`
  select
    event_type.id,
    event_type.name,
    flow_type.name   as "flowType",
    flow_type.id     as "flowTypeId",
    data_core.id     as "dataCoreId",
    tenant.name      as "tenant",
    tenant.id        as "tenantId"
  from datacore.event_type
  join datacore.flow_type on flow_type.id = event_type.flow_type_id
  join datacore.data_core on data_core.id = flow_type.data_core_id
  join datacore.tenant on tenant.id = data_core.tenant_id
`;

export const readEventTypesByName = (
  sql: postgres.ISql,
  { tenant, dataCore, flowType, eventTypes }: EventTypeNames,
  { dataCoreByName }: { dataCoreByName: boolean },
) => sql<NamedEventType[]>`
  ${named(sql)}
  where tenant.name = ${tenant}
    and (
      data_core.id = ${isUuid(dataCore) ? dataCore : null}
      or ${dataCoreByName} and data_core.name = ${dataCore}
    )
    and flow_type.name = ${flowType}
    and event_type.name = any(${eventTypes}::text[])
`;

export const readEventTypesById = (sql: postgres.ISql, ids: string[]) => sql<NamedEventType[]>`
  ${named(sql)}
  where event_type.id = any(${ids}::uuid[])
`;
