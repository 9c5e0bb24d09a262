import type { Look } from "./look.ts";
import { regionName } from "./words.ts";

interface SelectProps {
  look: Look;
  name: string;
  label: string;
  /** Several values have commas between them. */
  options: readonly (readonly [words: string, value: string])[];
  /** Of one value, for what is none of the options. */
  wordsOf: (value: string) => string;
}

/** A field of which an address may say several values at once: these are one choice more, so that a form keeps them. */
export function Select({ look, name, label, options, wordsOf }: SelectProps) {
  const chosen = valuesOf(look, name);
  // As it is offered, in whatever case an address says it.
  const offered = chosen.map(
    (value): readonly [words: string, value: string] =>
      options.find(([, known]) => isSame([value], known)) ?? [wordsOf(value), value],
  );
  const isKnown = chosen.length === 0 || options.some(([, known]) => isSame(chosen, known));
  return (
    <label>
      <span>{label}</span>
      <select name={name}>
        <option value="">any</option>
        {options.map(([words, known]) => (
          <option value={known} selected={isSame(chosen, known)}>
            {words}
          </option>
        ))}
        {isKnown ? null : (
          <option value={offered.map(([, value]) => value).join(",")} selected>
            {offered.map(([words]) => words).join(", ")}
          </option>
        )}
      </select>
    </label>
  );
}

/** Regions are written as accounts are called, in whatever case an address says them. */
export const RegionSelect = ({ look, regions }: { look: Look; regions: readonly string[] }) => (
  <Select
    {...{ look, name: "region", label: "Region" }}
    options={regions.map((region) => [regionName(region), region])}
    wordsOf={regionName}
  />
);

/** What an address says of a parameter: with commas between, or the parameter again for each. */
export const valuesOf = ({ query }: Look, name: string): string[] =>
  query
    .getAll(name)
    .flatMap((said) => said.split(","))
    .map((value) => value.trim())
    .filter((value) => value !== "");

/** In whatever order and case. */
export function isSame(values: readonly string[], said: string): boolean {
  const inOrder = (all: readonly string[]) =>
    [...new Set(all.map((value) => value.toUpperCase()))].sort().join();
  return inOrder(values) === inOrder(said === "" ? [] : said.split(","));
}

/** What a form sends along unchanged. */
export const Kept = ({ look, names }: { look: Look; names: readonly string[] }) => (
  <>
    {names.map((name) => {
      const value = valuesOf(look, name).join(",");
      return value === "" ? null : <input type="hidden" name={name} value={value} />;
    })}
  </>
);
