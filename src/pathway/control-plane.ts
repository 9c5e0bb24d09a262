import { z } from "zod";
import { Failure } from "../lib/failure.ts";
import { within } from "../lib/time-limit.ts";

const HOST = "https://data-pathways.api.flowcore.io";
const TIMEOUT_MS = 10_000;
/** A list of commands is some kilobytes. */
const MAX_BYTES = 1_000_000;

export interface ControlPlaneOptions {
  tenant: string;
  dataCore: string;
  apiKey: string;
  /** Where a stand-in listens; absent, Flowcore's own host. */
  baseUrl?: string | undefined;
  /** The pathway's name: one of each tenant. */
  name: string;
  version: string;
  timeoutMs?: number;
}

/** What the console shows of one flow type. */
export interface Pulse {
  flowType: string;
  /** The hour up to which the log was read. */
  timeBucket: string;
  /** The newest fact of that hour that was applied. */
  eventId: string | null;
  isLive: boolean;
  counters: { acknowledged: number; failed: number; pulled: number };
  uptimeMs: number;
}

/** What is paused; the targets are null where everything is. */
export interface Delivery {
  state: "active" | "paused";
  targets: string[] | null;
}

export interface PathwayCommand {
  id: string;
  type: string;
  timeBucket: string | null;
  targets: string[] | null;
  stopAt: string | null;
}

export type Phase = "acknowledged" | "running" | "failed";

export type ControlPlane = ReturnType<typeof controlPlane>;

const Registered = z.looseObject({ pathwayId: z.uuid() });
const Described = z.looseObject({
  deliveryState: z.string().nullish(),
  deliveryPauseTargets: z.array(z.string()).nullish(),
});
const Pending = z.looseObject({ commands: z.array(z.unknown()) });
/** A command whose rest is odd is still reported as failed, by its id. */
const Identified = z.looseObject({ id: z.string().min(1).max(200), type: z.string().catch("") });
const Asked = z.looseObject({
  position: z.looseObject({ timeBucket: z.string() }).nullish(),
  sourceFlowTypes: z.array(z.string()).nullish(),
  stopAt: z.string().nullish(),
});

/**
 * Flowcore's control plane of Data Pathways over HTTP: the SDK's commands for it are of an older
 * generation, with a bearer token only. Nothing past this file sees raw JSON.
 */
export function controlPlane(options: ControlPlaneOptions) {
  const { tenant, dataCore, name, version, apiKey, timeoutMs = TIMEOUT_MS } = options;
  const origin = options.baseUrl ?? HOST;
  const byName = `/api/v1/pathways/by-name/${encodeURIComponent(name)}`;

  return {
    /**
     * Idempotent: labels and flow types are overwritten. Says the pathway's id. Whether it is enabled is left to
     * whoever turned it off at the console, as Flowcore's own library leaves it.
     */
    async register(flowTypes: readonly string[]): Promise<string> {
      const body = {
        tenant,
        dataCore,
        type: "virtual",
        virtualConfig: { flowTypes },
        labels: { name, description: `Vivenu's events as rows, sheet and API (${version})` },
      };
      return read(Registered, await ask("PUT", byName, body)).pathwayId;
    },

    /** Undefined where the control plane has no opinion, as an older one has none. */
    async readDelivery(): Promise<Delivery | undefined> {
      const answer = await ask("GET", `${byName}?tenant=${encodeURIComponent(tenant)}`);
      const { deliveryState, deliveryPauseTargets } = read(Described, answer);
      if (deliveryState !== "active" && deliveryState !== "paused") return undefined;
      return { state: deliveryState, targets: deliveryPauseTargets ?? null };
    },

    /** Nothing is buffered between log and rows: a page is applied before the next but one is read. */
    async pulse(pathwayId: string, pulse: Pulse): Promise<void> {
      const buffer = { depth: 0, reserved: 0, sizeBytes: 0 };
      await ask("POST", "/api/v1/pump-pulse", { pathwayId, buffer, ...pulse });
    },

    async readCommands(pathwayId: string): Promise<PathwayCommand[]> {
      const answer = await ask("GET", `/api/v1/pathways/${pathwayId}/commands/pending`);
      return read(Pending, answer).commands.flatMap(commandOf);
    },

    async report(pathwayId: string, commandId: string, phase: Phase, details?: string) {
      const path = `/api/v1/pathways/${pathwayId}/commands/${encodeURIComponent(commandId)}/status`;
      await ask("POST", path, { phase, ...(details !== undefined && { details }) });
    },
  };

  function ask(method: string, path: string, body?: unknown): Promise<unknown> {
    return within(timeoutMs, async (signal) => {
      const asking = fetch(origin + path, {
        method,
        signal,
        redirect: "manual",
        headers: { authorization: authorizationOf(apiKey), "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      // An answer that breaks off has a code that PostgreSQL's connections have as well.
      const { ok, status, text } = await asking
        .then(async (answer) => ({
          ...{ ok: answer.ok, status: answer.status },
          text: await answer.text(),
        }))
        .catch((error: unknown) => {
          throw new Failure("unavailable", "Flowcore's control plane does not answer", {}, error);
        });
      if (!ok) throw refusalOf(status);
      try {
        return text.length > MAX_BYTES ? undefined : JSON.parse(text);
      } catch {
        return undefined;
      }
    });
  }
}

/** The key alone, or its id left out, is answered 401 here. */
function authorizationOf(apiKey: string) {
  const [, id = ""] = apiKey.split("_");
  return `ApiKey ${id}:${apiKey}`;
}

function refusalOf(status: number): Failure {
  const told: Record<number, [Failure["kind"], string]> = {
    401: ["refused", "it refuses the key (401): see FLOWCORE_API_KEY"],
    403: ["refused", "the key's IAM policy forbids it (403)"],
    404: ["missing", "it does not know this pathway (404)"],
  };
  // What is asked for is wrong, and asking again is useless: too many requests and a slow one are not.
  const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
  const [kind, words] = told[status] ?? [
    isFinal ? "malformed" : "unavailable",
    `it answered ${status}`,
  ];
  return new Failure(kind, `Flowcore's control plane: ${words}`, { status });
}

function read<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new Failure("unavailable", "Flowcore's control plane answered something else than its API");
}

/** A field that is of no known form stands for one that cannot be obeyed, so that it is said. */
function commandOf(given: unknown): PathwayCommand[] {
  const identified = Identified.safeParse(given);
  if (!identified.success) return [];
  const { id, type } = identified.data;
  const asked = Asked.safeParse(given);
  if (!asked.success) return [{ id, type: "", timeBucket: null, targets: null, stopAt: null }];
  const { position, sourceFlowTypes, stopAt } = asked.data;
  return [
    {
      id,
      type,
      timeBucket: position?.timeBucket ?? null,
      targets: sourceFlowTypes ?? null,
      stopAt: stopAt ?? null,
    },
  ];
}
