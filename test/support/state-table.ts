/**
 * A machine of states: what each input makes of each state. It is complete by its type, so that a state
 * or an input that is added has a cell to be filled everywhere.
 */
export type StateTable<State extends string, Input extends string, Expected> = Record<
  State,
  Record<Input, Expected>
>;

export interface Cell<State extends string, Input extends string, Expected> {
  state: State;
  input: Input;
  expected: Expected;
}

/** Its cells, each to be tried by itself, from a state that the product itself has come to. */
export function cellsOf<State extends string, Input extends string, Expected>(
  table: StateTable<State, Input, Expected>,
): Cell<State, Input, Expected>[] {
  // The casts: `Object.entries` forgets the names of a record's keys.
  const rows = Object.entries(table) as [State, Record<Input, Expected>][];
  return rows.flatMap(([state, row]) =>
    (Object.entries(row) as [Input, Expected][]).map(([input, expected]) => ({
      ...{ state, input, expected },
    })),
  );
}
