import { percent } from "./numbers.ts";

export interface BarProps {
  /** Percent sold; it may be above 100. Null where it is not known. */
  sold: number | null;
  /** What is usual by now; null where that is not known. */
  usual?: number | null | undefined;
  /** Nothing is left, as where the last places are reserved. */
  isGone?: boolean;
}

const NEARLY = 80;

/** How much is sold, with a tick where usual is: amber from 80 %, black when all is gone. */
export function Bar({ sold, usual = null, isGone = false }: BarProps) {
  const isKnown = sold !== null && Number.isFinite(sold);
  const isUsualKnown = usual !== null && Number.isFinite(usual);
  const length = within(sold ?? 0);
  const tick = within(usual ?? 0);
  return (
    <svg
      class={`bar ${isGone ? "is-gone" : stateOf(isKnown ? sold : 0)}`}
      role="img"
      aria-label={said()}
    >
      <rect class="bar-all" y="3" width="100%" height="8" rx="1.5" />
      {isKnown && length > 0 ? (
        <rect class="bar-sold" y="3" width={`${length}%`} height="8" rx="1.5" />
      ) : null}
      {isUsualKnown ? (
        <>
          <line class="bar-halo" x1={`${tick}%`} x2={`${tick}%`} y1="0" y2="14" />
          <line class="bar-usual" x1={`${tick}%`} x2={`${tick}%`} y1="0" y2="14" />
        </>
      ) : null}
    </svg>
  );

  function said() {
    const soldWords = isKnown ? `${percent(sold)} sold` : "Not counted yet";
    return isUsualKnown ? `${soldWords}, usual by now is ${percent(usual)}` : soldWords;
  }
}

const stateOf = (sold: number) => (sold >= 100 ? "is-gone" : sold >= NEARLY ? "is-nearly" : "");

/** The bar ends where it ends; the number beside it says by how much more was sold. */
const within = (value: number) =>
  Number.isFinite(value) ? Math.round(Math.min(Math.max(value, 0), 100) * 100) / 100 : 0;
