import type { Sql } from "../database/connect.ts";
import type { PathwayCommand } from "./control-plane.ts";

/** A command as it is kept: what it came to outlives whoever obeyed it. */
export interface KeptCommand {
  id: string;
  outcome: "done" | "failed" | null;
  details: string | null;
  acknowledgedAt: Date | null;
  reportedAt: Date | null;
  /** From which hour on a replay was asked for. */
  restartFrom: string | null;
}

/** Each command once, however often it is handed out. */
export async function keepCommand(
  sql: Sql,
  { id, type }: Pick<PathwayCommand, "id" | "type">,
  now: Date,
): Promise<KeptCommand> {
  await sql`
    insert into steering_command (command_id, type, received_at)
    values (${id}, ${type.slice(0, 100)}, ${now})
    on conflict do nothing
  `;
  const [kept] = await sql<KeptCommand[]>`
    select command_id as id, outcome, details, acknowledged_at, reported_at, restart_from
    from steering_command where command_id = ${id}
  `;
  if (!kept) throw new Error("a command that was kept is not there");
  return kept;
}

export const noteAcknowledged = (sql: Sql, id: string, now: Date) => sql`
  update steering_command set acknowledged_at = ${now} where command_id = ${id}
`;

/** The first outcome stays. */
export const endCommand = (
  sql: Sql,
  id: string,
  end: { outcome: "done" | "failed"; details?: string },
  now: Date,
) => sql`
  update steering_command
  set outcome = ${end.outcome}, details = ${end.details ?? null}, ended_at = ${now}
  where command_id = ${id} and outcome is null
`;

export const noteReported = (sql: Sql, id: string, now: Date) => sql`
  update steering_command set reported_at = ${now} where command_id = ${id}
`;

/** A replay is asked for here, and done beside the commands that come meanwhile. */
export const askForRestart = (sql: Sql, id: string, timeBucket: string) => sql`
  update steering_command set restart_from = ${timeBucket} where command_id = ${id}
`;

export interface WantedRestart {
  id: string;
  timeBucket: string;
  receivedAt: Date;
}

export async function readWantedRestart(sql: Sql): Promise<WantedRestart | undefined> {
  const [wanted] = await sql<WantedRestart[]>`
    select command_id as id, restart_from as time_bucket, received_at
    from steering_command
    where restart_from is not null and outcome is null
    order by received_at, command_id
    limit 1
  `;
  return wanted;
}

/** Nobody hands out a command that old. */
export const forgetCommands = (sql: Sql, before: Date) => sql`
  delete from steering_command where reported_at < ${before}
`;
