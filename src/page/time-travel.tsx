import { sameTimeAfter } from "../lib/zones.ts";
import { AS_OF, DAY, here, type Look } from "./look.ts";
import { fieldMoment, moment, shortMoment } from "./words.ts";

const DAY_MS = 86_400_000;

/** Which moment is shown, and how to choose another one. */
export const When = ({ look }: { look: Look }) => (
  <details class="when">
    <summary class="button">
      {look.asOf ? shortMoment(look.asOf, look.present, look.zone) : "Now"}
    </summary>
    <div class="when-box">
      <MomentForm look={look} id="when" />
      <DaysForm look={look} id="when" />
      <p>Everything as it was in Vivenu then, by all that is known now.</p>
    </div>
  </details>
);

/** While another moment is shown than now: which, and the ways from it. It is there and empty while it is now. */
export function TimeTravel({ look }: { look: Look }) {
  const { asOf, zone } = look;
  if (!asOf) return <div id="travel" data-part />;
  const by = (days: number) => {
    const at = sameTimeAfter(asOf, days, zone);
    // What is still to come is now.
    return at < look.present ? at.toISOString() : [];
  };
  return (
    <div id="travel" data-part>
      <section class="travel" aria-label="An earlier moment">
        <p>
          <b>As it was on {moment(asOf, zone)}</b> {zone ?? "UTC"}
        </p>
        <DaysForm look={look} id="travel" />
        <MomentForm look={look} id="travel" />
        <span class="travel-ways">
          <a class="button" href={here(look, { [AS_OF]: by(-1) })}>
            ‹ Day
          </a>
          <a class="button" href={here(look, { [AS_OF]: by(1) })}>
            Day ›
          </a>
          <a class="button is-strong" href={here(look, { [AS_OF]: [] })}>
            Back to now
          </a>
        </span>
      </section>
    </div>
  );
}

interface FormProps {
  look: Look;
  id: string;
}

/** What else the address says. */
const Others = ({ look }: { look: Look }) => (
  <>
    {[...look.query]
      .filter(([name, value]) => ![AS_OF, DAY, "cursor"].includes(name) && value !== "")
      .map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
  </>
);

const FURTHEST_DAYS = 90;

/** A slider over the last months, to the right of which is now; as it is moved with the script, and else by its button. */
function DaysForm({ look, id }: FormProps) {
  const days = Math.round((look.now.getTime() - look.present.getTime()) / DAY_MS);
  const words = look.asOf && days === 0 ? "today" : daysWords(days);
  return (
    <form class="days-form" method="get" action={look.path} data-auto="step">
      <Others look={look} />
      <label for={`${id}-days`}>Days back</label>
      <input
        type="range"
        id={`${id}-days`}
        name={DAY}
        min={String(Math.min(-FURTHEST_DAYS, days))}
        max="0"
        step="1"
        value={String(days)}
        aria-valuetext={words}
      />
      <output for={`${id}-days`}>{words}</output>
      <button type="submit">Go</button>
    </form>
  );
}

/** As the script says it while the slider is moved. */
const daysWords = (days: number) =>
  days === 0 ? "now" : days === -1 ? "1 day ago" : `${-days} days ago`;

/** A form that leads to the same view at another moment, by the reader's clock where it is known. */
function MomentForm({ look, id }: FormProps) {
  return (
    <form class="moment-form" method="get" action={look.path}>
      <Others look={look} />
      <label for={`${id}-at`}>{`As of, ${look.zone ?? "UTC"}`}</label>
      <input
        type="datetime-local"
        id={`${id}-at`}
        name={AS_OF}
        required
        value={fieldMoment(look.now, look.zone)}
      />
      <button type="submit">Show</button>
    </form>
  );
}
