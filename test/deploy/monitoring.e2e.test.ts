import { describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { createMetrics } from "../../src/lib/metrics.ts";
import { type AlertCase, cases, healthy } from "./alert-cases.ts";
import { build, root, the } from "./overlays.ts";

const PREFIX = "vivenu_event_monitor_";
/** A container's control group, with a limit. */
const limited = join(root, "test/fixtures/cgroup");

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; description: string };
}

interface Panel {
  title: string;
  targets?: { expr: string }[];
}

/** Metrics that the queries ask for and the code does not have yet, with their labels. */
const promised: Record<string, string[]> = {};

/** What Prometheus itself adds to every series. */
const ADDED = ["job", "namespace", "pod", "service"];

const production = await build("production");
const { groups } = the(production, "PrometheusRule").spec as {
  groups: { name: string; rules: Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const dashboards = production.flatMap(({ metadata, data }) =>
  metadata.labels?.grafana_dashboard ? Object.entries(data as Record<string, string>) : [],
);
const [, dashboardText = "{}"] = dashboards[0] ?? [];
const dashboard: { panels: Panel[]; templating: { list: { query: string }[] } } =
  JSON.parse(dashboardText);

const queries = [
  ...rules.map(({ alert, expr }) => ({ name: alert, expr })),
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ name: title, expr: expr.replaceAll("$__rate_interval", "5m") })),
  ),
];

test("there is one dashboard, for Grafana's sidecar to find", () => {
  expect(dashboards.map(([file]) => file)).toEqual(["vivenu-event-monitor.json"]);
  expect(queries.length).toBeGreaterThan(40);
});

test.each(queries)("$name asks for what the code emits", ({ expr }) => {
  const { faults, metrics, labels } = read(expr);
  expect(faults).toEqual([]);
  const known = knownMetrics();
  expect(metrics.filter((metric) => !known.has(metric))).toEqual([]);
  const allowed = [...ADDED, ...metrics.flatMap((metric) => known.get(metric) ?? [])];
  expect(labels.filter((label) => !allowed.includes(label))).toEqual([]);
});

test("the dashboard's namespaces come from a metric that the code emits", () => {
  const [, metric = ""] = /label_values\((\w+), namespace\)/.exec(dashboardText) ?? [];
  expect(knownMetrics().has(metric)).toBe(true);
});

test("nothing is promised that the code emits already, or that nobody asks for", () => {
  const emitted = emittedMetrics();
  const asked = queries.flatMap(({ expr }) => read(expr).metrics);
  for (const name of Object.keys(promised)) {
    expect(emitted.has(`${PREFIX}${name}`) && name).toBe(false);
    expect(asked).toContain(`${PREFIX}${name}`);
  }
});

test("every alert says what is wrong and what to do, and the list of runbooks has it", async () => {
  const runbooks = await readFile(join(root, "docs/runbooks/README.md"), "utf8");
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { alert, labels, annotations } of rules) {
    expect(labels.severity).toMatch(/^(critical|warning)$/);
    expect(annotations.summary).toMatch(/\.$/);
    expect(annotations.description.length).toBeGreaterThan(60);
    expect(runbooks).toContain(`\`${alert}\``);
  }
});

test("has a case for every alert", () => {
  const named = (all: readonly { alert: string }[]) => new Set(all.map(({ alert }) => alert));
  expect([...named(cases)].sort()).toEqual([...named(rules)].sort());
});

/** Where `npm test` found it, or has put it at some time. */
const promtool =
  Bun.which(process.env.PROMTOOL ?? "promtool") ??
  Bun.which(join(root, "node_modules/.cache/promtool/promtool"));

describe.skipIf(!promtool)(
  promtool
    ? "promtool"
    : "promtool, which is not here (`npm test` fetches it from Debian's package prometheus)",
  () => {
    const success = { code: 0, said: expect.stringContaining("SUCCESS") };

    test("takes the rules", async () => {
      expect(await runPromtool(["check", "rules", "rules.json"], { groups })).toEqual(success);
    });

    test("finds nothing wrong with what the service says of itself", async () => {
      const { registry } = createMetrics({ group: limited });
      const child = Bun.spawn([promtool ?? "", "check", "metrics"], {
        stdin: new TextEncoder().encode(await registry.metrics()),
        stdout: "pipe",
        stderr: "pipe",
      });
      const said = await new Response(child.stderr).text();
      expect({ said, code: await child.exited }).toEqual({ said: "", code: 0 });
    });

    test("sees none fire while all is well", async () => {
      const test = caseOf({ alert: "all is well", world: {}, at: "10h" }, []);
      expect(await testRules("1m", [test])).toEqual(success);
    });

    const intervals = [...new Set(cases.map(({ interval = "1m" }) => interval))];

    test.each(intervals)(
      "sees every alert fire in its case, looking every %s",
      async (interval) => {
        const among = cases.filter((one) => (one.interval ?? "1m") === interval);
        const tests = among.map((one) => caseOf(one, [one.alert]));
        expect(await testRules(interval, tests)).toEqual(success);
      },
    );

    function caseOf(
      { alert, world, at, interval = "1m", alone = false }: AlertCase,
      firing: string[],
    ) {
      const among = alone ? "" : firing.map((name) => `,alertname="${name}"`).join("");
      const fired = `ALERTS{alertstate="firing"${among}}`;
      return {
        name: alert,
        interval,
        input_series: Object.entries({ ...healthy, ...world }).map(([series, values]) => ({
          series: series.startsWith("up{") ? series : `${PREFIX}${series}`,
          values,
        })),
        promql_expr_test: [
          {
            // None must have fired at any time, one must fire at the end.
            expr: `count by (alertname) (${firing.length > 0 ? fired : `max_over_time(${fired}[${at}])`})`,
            eval_time: at,
            exp_samples: firing.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
          },
        ],
      };
    }

    const testRules = (interval: string, tests: unknown[]) =>
      runPromtool(
        ["test", "rules", "tests.json"],
        { groups },
        { rule_files: ["rules.json"], evaluation_interval: interval, tests },
      );

    /** JSON is YAML to promtool. */
    async function runPromtool(command: string[], rulesFile: unknown, testsFile?: unknown) {
      const cwd = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-rules-"));
      try {
        await Bun.write(join(cwd, "rules.json"), JSON.stringify(rulesFile));
        await Bun.write(join(cwd, "tests.json"), JSON.stringify(testsFile ?? {}));
        const child = Bun.spawn([promtool ?? "", ...command], {
          cwd,
          stdout: "pipe",
          stderr: "pipe",
        });
        const [out, err] = await Promise.all([
          new Response(child.stdout).text(),
          new Response(child.stderr).text(),
        ]);
        return { code: await child.exited, said: out + err };
      } finally {
        await rm(cwd, { recursive: true });
      }
    }
  },
);

/** Every metric that may be asked for, with its labels. */
function knownMetrics() {
  const known = emittedMetrics();
  for (const [name, labels] of Object.entries(promised)) known.set(`${PREFIX}${name}`, labels);
  return known.set("up", []);
}

function emittedMetrics() {
  const emitted = new Map<string, string[]>();
  for (const metric of createMetrics({ group: limited }).registry.getMetricsAsArray()) {
    // The class has the names, its type does not.
    const { name, labelNames = [] } = metric as { name: string; labelNames?: string[] };
    emitted.set(name, labelNames);
    if (`${metric.type}` === "histogram") {
      emitted.set(`${name}_bucket`, [...labelNames, "le"]);
      for (const part of ["sum", "count"]) emitted.set(`${name}_${part}`, labelNames);
    }
  }
  return emitted;
}

/** The metrics and the labels that a query names, and where it is no PromQL. */
function read(expr: string) {
  const metrics = new Set<string>();
  const labels = new Set<string>();
  const faults: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, name, from, to, node }) => {
      const text = expr.slice(from, to);
      if (type.isError) faults.push(`at ${from}: ${expr.slice(from, from + 20)}`);
      if (name === "Identifier" && node.parent?.name === "VectorSelector") metrics.add(text);
      if (name === "LabelName") labels.add(text);
    },
  });
  return { metrics: [...metrics], labels: [...labels], faults };
}
