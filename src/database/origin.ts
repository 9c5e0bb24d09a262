import type { Sql } from "./connect.ts";

export type Kind = "played" | "real";

/** Whom what is in a database comes from. */
export interface Origin {
  vivenu: Kind;
  flowcore: Kind;
}

/** A stand-in is on this machine, and nobody's production is. */
export const kindOf = (baseUrl: string | undefined): Kind =>
  baseUrl !== undefined && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(baseUrl).hostname)
    ? "played"
    : "real";

/** Notes it for whoever comes next where nobody has; gives what the database was filled from before. */
export async function keepOrigin(sql: Sql, { vivenu, flowcore }: Origin): Promise<Origin> {
  await sql`
    insert into database_origin (vivenu, flowcore) values (${vivenu}, ${flowcore})
    on conflict do nothing
  `;
  const [kept] = await sql<Origin[]>`select vivenu, flowcore from database_origin`;
  return kept ?? { vivenu, flowcore };
}

/** From now on it counts as filled from these: somebody wants it so. */
export const changeOrigin = (sql: Sql, { vivenu, flowcore }: Origin) => sql`
  update database_origin set vivenu = ${vivenu}, flowcore = ${flowcore}
`;
