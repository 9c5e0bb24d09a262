import { Hono } from "hono";
import { z } from "zod";
import { type Datacore, findGrantedTenant } from "./datacore.ts";
import {
  keepPaused,
  keepPulse,
  notePhase,
  type Pathway,
  type PathwayCommand,
  Pulse,
  Registration,
  readCommands,
  readPathway,
  readPulses,
  register,
} from "./pathway-store.ts";
import { Problem, parse } from "./problem.ts";
import { readJson } from "./request-body.ts";

const inBody = { status: 400, in: "body" } as const;
/** A consumer that is silent for longer is shown as unhealthy. */
const HEALTHY_MS = 60_000;
/** Reported once, such a command is pending no more. */
const ENDED = ["running", "failed"];

const Outcome = z.object({
  phase: z.enum(["acknowledged", "running", "failed"]),
  details: z.string().optional(),
});

/** The control plane of Data Pathways: consumers register, send pulses and ask for commands. */
export function pathwayRoutes(datacore: Datacore) {
  const { sql, tenant, now, faults } = datacore;
  const app = new Hono().basePath("/api/v1");

  app.put("/pathways/by-name/:name", async (c) => {
    const given = parse(Registration, await readJson(c.req.raw), inBody);
    await requireTenant(given.tenant);
    return c.json(await register(sql, tenant, c.req.param("name"), given));
  });

  app.get("/pathways/by-name/:name", async (c) => {
    await requireTenant(c.req.query("tenant") ?? "");
    return c.json(shown(await requirePathway({ name: c.req.param("name") })));
  });

  app.post("/pump-pulse", async (c) => {
    const pulse = parse(Pulse, await readJson(c.req.raw), inBody);
    await requirePathway({ id: pulse.pathwayId });
    await keepPulse(sql, pulse, now());
    return c.json({ status: "ok" });
  });

  app.get("/pathways/:id/pump-status", async (c) => {
    const { id } = await requirePathway({ id: c.req.param("id") });
    const pulses = (await readPulses(sql, id)).map(({ pulse, receivedAt }) => {
      const lastPulseAgeMs = now().getTime() - receivedAt.getTime();
      return { ...pulse, lastPulseAgeMs, healthy: lastPulseAgeMs <= HEALTHY_MS };
    });
    return c.json({ pulses });
  });

  app.get("/pathways/:id/commands/pending", async (c) => {
    const { id } = await requirePathway({ id: c.req.param("id") });
    const isPending = ({ phases }: PathwayCommand) =>
      !phases.some((phase) => ENDED.includes(phase)) || faults.areCommandsRepeated();
    const pending = (await readCommands(sql, id)).filter(isPending);
    return c.json({
      commands: pending.map(({ phases, details: _, ...command }) => ({
        ...command,
        status: phases.at(-1) ?? "pending",
      })),
    });
  });

  app.post("/pathways/:id/commands/:command/status", async (c) => {
    const pathway = await requirePathway({ id: c.req.param("id") });
    const outcome = parse(Outcome, await readJson(c.req.raw), inBody);
    const commands = await readCommands(sql, pathway.id);
    const command = commands.find(({ id }) => id === c.req.param("command"));
    if (!command) throw new Problem(404, `Command not found with id = ${c.req.param("command")}`);
    await notePhase(sql, command.id, outcome);
    if (outcome.phase === "running")
      await keepPaused(sql, pathway.id, pausedAfter(pathway, command));
    return c.json({ status: "ok" });
  });

  return app;

  async function requireTenant(name: string) {
    if (!(await findGrantedTenant(datacore, "read", name)))
      throw new Problem(404, `Tenant not found with name = ${name}`);
  }

  async function requirePathway(wanted: { id?: string; name?: string }) {
    const found = await readPathway(sql, tenant, wanted);
    if (!found) throw new Problem(404, `Pathway not found with ${JSON.stringify(wanted)}`);
    return found;
  }

  /** An older control plane says nothing of what is paused. */
  function shown({ id, name, dataCore, flowTypes, labels, paused }: Pathway) {
    const isAll = flowTypes.every((flowType) => paused.includes(flowType));
    const delivery = {
      deliveryState: paused.length > 0 ? "paused" : "active",
      deliveryPauseTargets: paused.length > 0 && !isAll ? paused : null,
    };
    return {
      ...{ id, name, tenant: tenant.name, dataCore, type: "virtual", labels },
      virtualConfig: { flowTypes },
      ...(faults.isDeliveryStateUnsaid() ? {} : delivery),
    };
  }
}

/** A command names flow types, or their groups (`order.0::default`), or all by naming none. */
function pausedAfter({ flowTypes, paused }: Pathway, { type, sourceFlowTypes }: PathwayCommand) {
  const named = sourceFlowTypes?.map((target) => target.split("::")[0] ?? "") ?? flowTypes;
  if (type === "datapumpPause") return [...new Set([...paused, ...named])];
  if (type === "datapumpResume") return paused.filter((flowType) => !named.includes(flowType));
  return paused;
}
