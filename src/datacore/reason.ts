import type { z } from "zod";

/** Which fields are wrong and why; never what is in them, which may be anything. */
export const reasonOf = ({ issues }: z.ZodError) =>
  issues
    .slice(0, 5)
    .map(({ path, code, message }) => {
      // The last step of the path to a wrong key is that key: content, not a field's name.
      const field = (code === "invalid_key" ? path.slice(0, -1) : path).join(".");
      return `${field || "payload"}: ${message} (${code})`;
    })
    .join("; ")
    .slice(0, 500);
