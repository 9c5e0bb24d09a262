import { readFileSync } from "node:fs";
import { between, type Random } from "../../sandbox/random.ts";
import { timeBucketOf } from "../../src/datacore/time-bucket.ts";
import type { TestDatabase } from "../support/database.ts";
import type { Outside } from "../support/outside.ts";
import { until } from "../support/stage.ts";

export const PATHWAY = "vivenu-event-monitor";

const HOUR_MS = 3_600_000;
const FLOW_TYPES = ["vivenu.event.0", "vivenu.sales.0"];

interface Shown {
  paused: string[];
  commands: { id: string; type: string; phases: string[] }[];
}

/** Somebody at Flowcore's console who pauses, resumes and restarts by chance, whoever reads the log by then. */
export function operator({ datacore }: Outside, random: Random) {
  const at = `${datacore.url}/sandbox/pathways`;

  const read = async (): Promise<Shown | undefined> => {
    // The cast: the sandbox's own shape.
    const [pathway] = (await (await fetch(at)).json()) as Shown[];
    return pathway;
  };

  async function ask(body: object) {
    const answer = await fetch(`${at}/${PATHWAY}/commands`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    // Until the first reader has registered there is nothing to steer.
    if (!answer.ok && answer.status !== 404) throw new Error(await answer.text());
  }

  const pending = async () =>
    (await read())?.commands.filter(({ phases }) => endsOf(phases).length === 0) ?? [];

  return {
    asked: async () => (await read())?.commands.length ?? 0,
    async maybeAsk() {
      if (random() < 0.5) await ask(commandBy(random));
    },
    /** What is held is given, so that all can be compared. */
    async release() {
      const isThere = async () => (await read()) !== undefined;
      await until(isThere, { withinMs: 60_000, what: "the service has registered" });
      await ask({ type: "datapumpResume" });
      const isObeyed = async () => (await pending()).length === 0;
      await until(isObeyed, { withinMs: 120_000, what: "every command is obeyed" }).catch(() => {});
    },
    /** What is wrong with what the service made of the commands: nothing. */
    async faults({ sql }: TestDatabase, logPath: string): Promise<string[]> {
      const { commands, paused } = (await read()) ?? { commands: [], paused: [] };
      const restarted = readFileSync(logPath, "utf8")
        .split("\n")
        .filter((line) => line.includes('"pathway.restarted"'));
      const held = await sql<{ flowType: string }[]>`select flow_type from held_flow_type`;
      return [
        ...commands.flatMap(({ id, type, phases }) => [
          ...(endsOf(phases).length === 1 ? [] : `${type} ${id} was reported as ${phases.join()}`),
          ...(phases[0] === "acknowledged" ? [] : `${type} ${id} was not acknowledged first`),
          ...(restarted.filter((line) => line.includes(id)).length > 1
            ? `${type} ${id} was obeyed twice`
            : []),
        ]),
        ...(paused.length > 0 ? [`the console says that ${paused} is paused`] : []),
        ...(held.length > 0 ? [`${held.map(({ flowType }) => flowType)} is still held`] : []),
      ];
    },
  };
}

const endsOf = (phases: readonly string[]) =>
  phases.filter((phase) => phase === "running" || phase === "failed");

function commandBy(random: Random): object {
  const kind = random();
  const [one = ""] = random() < 0.5 ? FLOW_TYPES : FLOW_TYPES.toReversed();
  const sourceFlowTypes = random() < 0.5 ? [one] : null;
  if (kind < 0.3) return { type: "datapumpPause", sourceFlowTypes };
  if (kind < 0.7) return { type: "datapumpResume", sourceFlowTypes };
  if (kind < 0.8) return { type: "datapumpRestart" };
  const from = new Date(Date.now() - between(random, 0, 48) * HOUR_MS);
  return { type: "datapumpRestart", position: { timeBucket: timeBucketOf(from) } };
}
