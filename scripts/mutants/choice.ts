import { type Change, nameOf } from "./change.ts";
import { isIn, ROOMS } from "./find.ts";

/** How many changes of a room one run tries: more where a wrong answer hurts. */
const SHARES: Record<(typeof ROOMS)[number], number> = {
  rules: 60,
  projections: 64,
  intake: 64,
  sheets: 40,
  vivenu: 34,
  datacore: 28,
  database: 16,
  api: 24,
};

/** Version order, fence, confirmation, dedupe, matching, capacity and sold-out. */
const HURTS =
  /version|newe(?:r|st)|older|fence|lease|token|confirm|dedup|applied|remember|match|taken?\b|capacity|sold|availab|position|cutoff|until|based|baseline|digest|deleted|order by|conflict|excluded\./i;

/** What anybody would notice is tried less often than what is subtle. */
const PLAIN = /^(?:condition negated|constant|equality negated|null negated|on \.\.\.)/;

/**
 * Chosen by a seed and by what the change says, not by where it stands: other lines of the file may come
 * and go, and the choice stays. One change a line.
 */
export function choose(
  changes: readonly Change[],
  { seed, count }: { seed: number; count: number | undefined },
): Change[] {
  const ranked = changes
    .map((change) => ({ change, rank: rankOf(change, seed) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ change }) => change);
  const lines = new Set<string>();
  const spread = ranked.filter(({ file, line }) => {
    const place = `${file}:${line}`;
    return lines.has(place) ? false : lines.add(place);
  });
  if (count !== undefined) return spread.slice(0, count);
  return ROOMS.flatMap((room) =>
    spread.filter(({ file }) => isIn(file, room)).slice(0, SHARES[room]),
  );
}

/** Weighted choice without putting back: the highest of `u ** (1 / weight)`. */
function rankOf(change: Change, seed: number) {
  const weight = (HURTS.test(change.about) ? 3 : 1) * (PLAIN.test(change.kind) ? 0.5 : 1);
  const hash = Number(BigInt.asUintN(52, BigInt(Bun.hash(nameOf(change), seed))));
  return (hash / 2 ** 52) ** (1 / weight);
}
