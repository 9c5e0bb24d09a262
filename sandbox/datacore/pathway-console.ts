import { onlyFromHere } from "../faults/admin.ts";
import type { Datacore } from "./datacore.ts";
import { Asked, ask, readCommands, readPathways, readPulses } from "./pathway-store.ts";

const COMMANDS = /^\/sandbox\/pathways\/([^/]+)\/commands$/;

/** What an operator does in Flowcore's console, as routes for `Bun.serve`; only from this machine. */
export function consoleRoutes(datacore: Datacore) {
  const { sql, tenant } = datacore;

  const readAll = async () => {
    const pathways = await readPathways(sql, tenant);
    return Promise.all(
      pathways.map(async (pathway) => ({
        ...pathway,
        pulses: await readPulses(sql, pathway.id),
        commands: await readCommands(sql, pathway.id),
      })),
    );
  };

  return {
    "/sandbox/pathways": onlyFromHere(async () => Response.json(await readAll())),
    "/sandbox/pathways/:name/commands": onlyFromHere(async (request) => {
      if (request.method !== "POST") return refused(405, "POST");
      const name = decodeURIComponent(COMMANDS.exec(new URL(request.url).pathname)?.[1] ?? "");
      const pathway = (await readPathways(sql, tenant)).find((one) => one.name === name);
      if (!pathway) return refused(404, `No pathway ${name} is registered`);
      const asked = Asked.safeParse(await request.json().catch(() => undefined));
      if (!asked.success) return refused(400, asked.error.message);
      return Response.json({ id: await ask(sql, pathway.id, asked.data) }, { status: 201 });
    }),
  };
}

const refused = (status: number, message: string) => Response.json({ status, message }, { status });
