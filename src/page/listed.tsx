import type { Child } from "hono/jsx";

/** One after the other, with commas between. */
export const Listed = ({ parts }: { parts: readonly Child[] }) => (
  <>{parts.flatMap((part, index) => (index === 0 ? [part] : [", ", part]))}</>
);
