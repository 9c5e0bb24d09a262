import { AS_OF, here, type Look } from "./look.ts";
import { fieldMoment, moment, shortMoment } from "./words.ts";

const DAY_MS = 86_400_000;

/** Which moment is shown, and how to choose another one. */
export const When = ({ look }: { look: Look }) => (
  <details class="when">
    <summary>{look.asOf ? shortMoment(look.asOf, look.asOf, look.zone) : "Now"}</summary>
    <div class="when-box">
      <MomentForm look={look} id="when" />
      <p>Everything as it was in Vivenu then, by all that is known now.</p>
    </div>
  </details>
);

/** While another moment is shown than now: which, and the ways from it. */
export function TimeTravel({ look }: { look: Look }) {
  const { asOf, zone } = look;
  if (!asOf) return null;
  const by = (days: number) => new Date(asOf.getTime() + days * DAY_MS).toISOString();
  return (
    <section class="travel" aria-label="An earlier moment">
      <p>
        <b>As it was on {moment(asOf, zone)}</b> {zone ?? "UTC"}
      </p>
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
  );
}

/** A form that leads to the same view at another moment, by the reader's clock where it is known. */
function MomentForm({ look, id }: { look: Look; id: string }) {
  const others = [...look.query].filter(
    ([name, value]) => ![AS_OF, "cursor"].includes(name) && value !== "",
  );
  return (
    <form class="moment-form" method="get" action={look.path}>
      {others.map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
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
