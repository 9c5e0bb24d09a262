/** Requests of one client at once. */
export const DEFAULT_IN_FLIGHT = 2;

/** Lets `size` pieces of work run at once; the others wait in the order they came. */
export function gate(size: number) {
  let inside = 0;
  const waiting: (() => void)[] = [];

  return async function through<T>(work: () => Promise<T>): Promise<T> {
    if (inside < size) inside += 1;
    else await new Promise<void>((enter) => waiting.push(enter));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else inside -= 1;
    }
  };
}
