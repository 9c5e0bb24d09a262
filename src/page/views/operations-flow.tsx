import type { Status } from "../../api/operation/status.ts";
import { whole } from "../chart/numbers.ts";
import type { Look } from "../look.ts";
import { counted, length, shortMoment } from "../words.ts";

interface Box {
  name: string;
  figure: string;
  note: string;
  isWrong: boolean;
}

/** From a webhook to a cell, in the order of the flow: where something waits, and where it stopped. */
export const Flow = ({ look, status }: { look: Look; status: Status }) => (
  <ol class="flow">
    {boxesOf(status, look).map(({ name, figure, note, isWrong }) => (
      <li class={isWrong ? "is-wrong" : undefined}>
        <h2>{name}</h2>
        <p class="figure">{figure}</p>
        <p class="muted">{note}</p>
      </li>
    ))}
  </ol>
);

const boxesOf = (status: Status, look: Look): Box[] => [
  webhooks(status),
  ...[
    { name: "Inbox", room: status.inbox },
    { name: "Outbox", room: status.outbox },
  ].map(({ name, room }) => ({
    name,
    figure: `${whole(room.waiting)} waiting`,
    note: [
      ...(room.oldestWaitingAt
        ? [`oldest ${behindWords((look.now.getTime() - Date.parse(room.oldestWaitingAt)) / 1_000)}`]
        : []),
      ...(room.failing > 0 ? [`${whole(room.failing)} failing`] : []),
      `${whole(room.refused)} refused`,
    ].join(", "),
    isWrong: room.failing > 0 || room.refused > 0,
  })),
  log(status),
  rows(status, look),
  sheet(status, look),
];

const sumOf = (outcomes: Record<string, number>, names: readonly string[]) =>
  names.reduce((sum, name) => sum + (outcomes[name] ?? 0), 0);

const REFUSED = ["unsigned", "stray", "broken_off", "malformed", "too_large", "wrong_mode"];
const AGAIN = ["foreign", "unavailable", "keyless", "busy", "slow", "failed"];

function webhooks({ webhooks: all }: Status): Box {
  const day = all?.lastDay ?? {};
  const again = sumOf(day, AGAIN);
  const refused = sumOf(day, REFUSED);
  return {
    name: "Webhooks, 24 h",
    figure: all ? whole(sumOf(day, ["accepted", "repeated"])) : "not shown",
    note: [
      `${whole(refused)} refused`,
      ...(again > 0 ? [`${whole(again)} to come again`] : []),
      counted(day.repeated ?? 0, "repeat"),
    ].join(", "),
    // What was to come again earlier has come since, or is said above.
    isWrong: sumOf(all?.lastHour ?? {}, AGAIN) > 0,
  };
}

function log({ log: parts, setAside }: Status): Box {
  const held = parts.filter(({ heldSince }) => heldSince !== null);
  const lags = parts.flatMap(({ lagSeconds, heldSince }) => (heldSince ? [] : (lagSeconds ?? [])));
  const worst = Math.max(0, ...lags);
  return {
    name: "Log",
    figure:
      held.length > 0
        ? "held on purpose"
        : lags.length === 0
          ? "not read yet"
          : `${behindWords(worst)} behind`,
    note: [...held.map(({ flowType }) => flowType), `${whole(setAside)} set aside`].join(", "),
    isWrong: setAside > 0 || worst > 60,
  };
}

/** Of two clocks one may be ahead. */
const behindWords = (seconds: number) =>
  seconds < 60 ? `${Math.max(0, Math.round(seconds))} s` : length(seconds * 1_000);

function rows({ summary, toRemake, log: parts }: Status, { now, zone }: Look): Box {
  const events = Object.values(summary?.events ?? {}).reduce((sum, count) => sum + count, 0);
  const newest = parts
    .flatMap(({ newestSeen }) => newestSeen ?? [])
    .sort()
    .at(-1);
  return {
    name: "Rows",
    figure: summary ? counted(events, "event") : "not shown",
    note:
      toRemake > 0
        ? `${counted(toRemake, "event")} made anew`
        : newest
          ? `as of ${shortMoment(new Date(newest), now, zone)}`
          : "nothing read yet",
    isWrong: false,
  };
}

function sheet({ sheet: state }: Status, { now, zone }: Look): Box {
  if (!state)
    return { name: "Sheet", figure: "none", note: "no sheet is configured", isWrong: false };
  const isFailing = state.lastFailure !== null && state.lastFailure.at > (state.lastSyncAt ?? "");
  const written = state.lastWriteAt
    ? `written ${shortMoment(new Date(state.lastWriteAt), now, zone)}`
    : "not written yet";
  return {
    name: "Sheet",
    figure: isFailing ? "not in step" : state.lastSyncAt ? "in step" : "not yet in step",
    note: isFailing ? (state.lastFailure?.reason ?? written) : written,
    isWrong: isFailing,
  };
}
