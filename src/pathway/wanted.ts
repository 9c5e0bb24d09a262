import type { Delivery, PathwayCommand } from "./control-plane.ts";

/** What a command comes to here; `refuse` says why it cannot be obeyed. */
export type Wanted =
  | { act: "pause" | "resume"; flowTypes: string[] }
  | { act: "restart"; timeBucket: string }
  | { act: "refuse"; why: string };

/** A reader without groups answers to this one. */
const GROUP = "::default";
const HOUR = /^\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])0000$/;

/** A restart rebuilds the rows of all flow types: they hang on each other, and one's facts say another's rows. */
export function wantedOf(command: PathwayCommand, flowTypes: readonly string[]): Wanted {
  const { type, targets, timeBucket, stopAt } = command;
  const strangers = targets?.filter((target) => flowTypeOf(target, flowTypes) === undefined) ?? [];
  const named = namedBy(targets, flowTypes);
  if (type !== "datapumpPause" && type !== "datapumpResume" && type !== "datapumpRestart")
    return refuse("this service knows datapumpPause, datapumpResume and datapumpRestart alone");
  if (strangers.length > 0 || named.length === 0)
    return refuse(
      `nothing here reads ${strangers.map(printable).join(", ") || "what it names"}; there are ${flowTypes.join(", ")}`,
    );
  if (type === "datapumpPause") return { act: "pause", flowTypes: named };
  if (type === "datapumpResume") return { act: "resume", flowTypes: named };
  if (stopAt !== null)
    return refuse("stopAt: rows are rebuilt up to the newest fact, and cannot end before it");
  if (timeBucket === null) return refuse("a restart needs a position");
  if (!isHour(timeBucket)) return refuse("its position's time bucket is no hour (yyyyMMddHH0000)");
  return { act: "restart", timeBucket };
}

/** The flow types that are paused by what the control plane says. */
export const pausedBy = ({ state, targets }: Delivery, flowTypes: readonly string[]) =>
  state === "active" ? [] : namedBy(targets, flowTypes);

const namedBy = (targets: readonly string[] | null, flowTypes: readonly string[]) =>
  targets === null
    ? [...flowTypes]
    : flowTypes.filter((flowType) =>
        targets.some((target) => flowTypeOf(target, flowTypes) === flowType),
      );

const flowTypeOf = (target: string, flowTypes: readonly string[]) =>
  flowTypes.find((flowType) => target === flowType || target === flowType + GROUP);

/** Whether it is an hour as the log names its own: 20260301110000. */
export function isHour(text: string) {
  if (!HOUR.test(text)) return false;
  const day = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`;
  // The 31st of a month that has none is another day.
  const instant = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(day);
}

const refuse = (why: string): Wanted => ({ act: "refuse", why });

/** It is told in a log and a report. */
const printable = (target: string) => target.replaceAll(/[^\w.:-]/g, "?").slice(0, 80);
