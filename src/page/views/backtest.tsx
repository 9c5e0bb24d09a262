import type { BacktestPage } from "../../projections/queries/row-types.ts";
import { percent } from "../chart/numbers.ts";
import { ColumnHeads } from "../column-heads.tsx";
import { as } from "../roles.ts";
import { counted } from "../words.ts";

type Trial = NonNullable<BacktestPage["trials"]>[number];

const heads = [
  "Days after launch",
  "Tested",
  "Forecast by",
  "Its error",
  "Straight line’s",
  "Pace’s",
  "8 of 10 held",
  "Shown",
];
const TEXTS = ["Days after launch", "Forecast by", "Shown"];

const methodNames = {
  A: "comparable events",
  B: "these and the last week",
  C: "the last week’s pace",
} as const satisfies Record<Trial["method"], string>;

const reasons = {
  tooFewTested: "no: fewer than 8 tested",
  notBetterThanLine: "no: not clearly better",
  rangeDoesNotHold: "no: its range does not hold",
} as const satisfies Record<NonNullable<Trial["reason"]>, string>;

/** How forecasts of past events turned out, each made as if it were then. */
export function Backtest({ tried: { trials, pastEvents, history } }: { tried: BacktestPage }) {
  const of = history === "played" ? " of the played Vivenu, which say nothing of real ones" : "";
  return (
    <section>
      <h2 id="tried-title">What was tried</h2>
      {trials === null ? (
        <p>Past events are being forecast at this moment: look again in a minute.</p>
      ) : (
        <>
          <p>
            {`${counted(pastEvents, "past event")}${of}, forecast again as they stood then by those alone whose sale was over by then. The errors are those of what was sold in the end, on average and in percent of the places.`}
          </p>
          <section class="wide" aria-labelledby="tried-title" tabindex={0}>
            <table class="types tried" {...as.table}>
              <caption class="unseen">Forecasts of past events, by days after launch</caption>
              <ColumnHeads names={heads} texts={TEXTS} />
              <tbody {...as.rowGroup}>
                {trials.map((trial) => (
                  <Line trial={trial} />
                ))}
              </tbody>
            </table>
          </section>
        </>
      )}
    </section>
  );
}

function Line({ trial: { stretch, events, method, scores, reason } }: { trial: Trial }) {
  const ours = scores[method];
  const errors = [ours, scores.line, scores.pace].map((score) => score?.finalError);
  return (
    <tr {...as.row}>
      <th scope="row" {...as.rowHeader}>
        {stretch.replace("-", "–")}
      </th>
      <td class="number" {...as.cell}>
        {events}
      </td>
      <td {...as.cell}>{events === 0 ? "" : methodNames[method]}</td>
      {errors.map((error) => (
        <td class="number" {...as.cell}>
          {error === undefined ? "" : percent(error)}
        </td>
      ))}
      <td class="number" {...as.cell}>
        {ours ? `${Math.round(ours.held)} of 100` : ""}
      </td>
      <td class={reason ? "muted" : undefined} {...as.cell}>
        {reason ? reasons[reason] : "yes"}
      </td>
    </tr>
  );
}
