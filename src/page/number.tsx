import type { Child } from "hono/jsx";
import { percent, signed, whole } from "./chart/numbers.ts";

type Field = { name: string; value: number | null; children?: Child };

/** A number as the API has it, by the API's name for it: whole, or said to be unknown. */
export const Whole = ({ name, value }: Field) => (
  <data data-field={name} value={value === null ? "" : String(value)}>
    {value === null ? <span class="unknown">not counted</span> : whole(value)}
  </data>
);

export const Percent = ({ name, value }: Field) => (
  <data data-field={name} value={value === null ? "" : String(value)}>
    {value === null ? <span class="unknown">not counted yet</span> : percent(value)}
  </data>
);

/** With its sign: what came. */
export const Came = ({ name, value }: Field) => (
  <data
    class={value === 0 ? "is-none" : undefined}
    data-field={name}
    value={value === null ? "" : String(value)}
  >
    {value === null ? "" : signed(value)}
  </data>
);

/** In points, ahead or behind, which colour says as well. */
export function Ahead({ name, value }: Field) {
  if (value === null) return <data data-field={name} value="" />;
  const shown = Math.round(value);
  const side = shown > 0 ? "is-ahead" : shown < 0 ? "is-behind" : undefined;
  return (
    <data class={side} data-field={name} value={String(value)}>
      {shown === 0 ? "±0" : signed(shown)}
    </data>
  );
}
