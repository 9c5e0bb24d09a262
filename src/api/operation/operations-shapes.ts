import { z } from "@hono/zod-openapi";

const Instant = z.iso.datetime();

/** Written as an object so that the compiler misses none. */
export const adminActs = ["poll", "deliver", "retry", "release", "drop", "replayDryRun"] as const;
export type AdminAct = (typeof adminActs)[number];

/** What an act takes beside its name: an account, ids, or all there are in the place of ids. */
const takenBy: Record<AdminAct, readonly ("region" | "ids" | "all")[]> = {
  poll: ["region"],
  deliver: ["ids"],
  retry: ["ids", "all"],
  release: ["ids", "all"],
  drop: ["ids", "all"],
  replayDryRun: [],
};

const Act = z.enum(adminActs, `must be one of ${adminActs.join(", ")}`).openapi("Act", {
  description:
    "`poll`: read the account of `region` now. `deliver`: translate the stored webhooks of `ids` once more. `retry`: try dead letters again, facts of the log at once. `release`: only those that are not in the log yet. `drop`: they are not wanted. `replayDryRun`: rebuild the rows beside the live ones, compare, and change nothing.",
});

const ids = z
  .array(
    z
      .string("must be a text")
      .min(1, "must not be empty")
      .max(200, "must have 200 letters at most"),
    "must be a list of ids",
  )
  .min(1, "must name at least one")
  .max(200, "must be 200 ids at most");

const Subject = z.object({
  region: z.string().optional().openapi({ description: "The account." }),
  ids: z.array(z.string()).optional().openapi({ description: "Which; without it all of them." }),
});

export const AdminAction = z
  .object({
    id: z
      .string()
      .openapi({ description: "To read it again by, at `/api/operations/acts/{actionId}`." }),
    act: Act,
    subject: Subject.openapi({ description: "What it is on; empty where that is everything." }),
    by: z.string().openapi({ description: "The name of the key that asked for it." }),
    askedAt: Instant.openapi({ description: "When it was written down." }),
    startedAt: Instant.nullable().openapi({ description: "Null while it waits for its turn." }),
    endedAt: Instant.nullable().openapi({ description: "Null until then." }),
    state: z.string().openapi({
      enum: ["waiting", "running", "done", "failed"],
      description: "`failed`: not all of it was done; `result` says what was.",
    }),
    result: z.array(z.string()).nullable().openapi({
      description: "What came of it in plain words, a line each; null until it has ended.",
    }),
  })
  .openapi("AdminAction");
export type AdminAction = z.infer<typeof AdminAction>;

export const actionExample: AdminAction = {
  id: "17",
  act: "retry",
  subject: { ids: ["delivery-41"] },
  by: "ops",
  askedAt: "2026-02-12T11:03:20.000Z",
  startedAt: "2026-02-12T11:03:20.040Z",
  endedAt: "2026-02-12T11:03:20.310Z",
  state: "done",
  result: ["delivery-41: released"],
};

/** What is asked for, each act with what it is on and nothing else. */
export const AskedFor = z
  .strictObject(
    {
      act: Act,
      confirm: z.string("must be the act's name once more").openapi({
        description: "The act's name once more: nobody does this by mistake.",
        example: "retry",
      }),
      region: z
        .string("must be a text")
        .optional()
        .openapi({ description: "Of `poll` alone, which needs it." }),
      ids: ids.optional().openapi({
        description:
          "Of `deliver`, `retry`, `release` and `drop`: as `/api/operations` names them.",
      }),
      all: z.boolean("must be true or false").optional().openapi({
        description: "Of `retry`, `release` and `drop`, in the place of `ids`: all there are.",
      }),
    },
    // What it does not know is named one by one.
    { error: ({ code }) => (code === "unrecognized_keys" ? undefined : "must be an object") },
  )
  .superRefine(({ act, confirm, region, ids: named, all = false }, context) => {
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (confirm !== act) wrong("confirm", `must be ${act}, to confirm it`);
    const [takesRegion, takesIds, takesAll] = (["region", "ids", "all"] as const).map((what) =>
      takenBy[act].includes(what),
    );
    if (takesRegion && region === undefined) wrong("region", "must name the account to poll");
    if (!takesRegion && region !== undefined) wrong("region", `is nothing that ${act} knows`);
    if (!takesIds && named) wrong("ids", `is nothing that ${act} knows`);
    if (takesIds && !named && !(takesAll && all))
      wrong("ids", takesAll ? "must name which, or `all` be true" : "must name which");
    if (all && (named || !takesAll)) wrong("all", "must not stand here");
  })
  .openapi("AskedFor", {
    example: { act: "retry", confirm: "retry", ids: ["delivery-41"] },
  });

const Letter = z
  .object({
    id: z.string().openapi({ description: "To name in `ids`." }),
    account: z.string().nullable().openapi({ description: "Null where none is known of it." }),
    type: z.string().openapi({ description: "Of the webhook or of the fact." }),
    reason: z.string().openapi({ description: "Why it could not be worked on, in plain words." }),
    at: Instant.openapi({ description: "When it failed for the first time, or was refused." }),
    failures: z.int().openapi({ description: "How often it was tried in vain." }),
    state: z.string().openapi({
      enum: ["failing", "dead"],
      description: "`failing` is tried again by itself, `dead` is not.",
    }),
  })
  .openapi("DeadLetter");

export const Delivery = z
  .object({
    id: z.string().openapi({ description: "To name in `ids` of `deliver`." }),
    account: z.string().nullable().openapi({ description: "Null where none is known of it." }),
    type: z.string().openapi({ description: "As Vivenu calls it." }),
    receivedAt: Instant.openapi({ description: "When it was kept." }),
    translatedAt: Instant.nullable().openapi({
      description: "When it became facts, or was found to say nothing new; null while it waits.",
    }),
    isStored: z.boolean().openapi({
      description: "What it said is there still: for 7 days, so that it can be delivered again.",
    }),
  })
  .openapi("StoredWebhook");

const Budget = z
  .object({
    region: z.string().openapi({ description: "The account." }),
    requestsLastHour: z.int().openapi({ description: "Of all processes and whatever for." }),
    perHour: z.int().openapi({ description: "So many at most; who needs more waits." }),
  })
  .openapi("Budget");

export const Operations = z
  .object({
    actions: z.array(AdminAction).openapi({ description: "What was asked for, newest first." }),
    deadLetters: z.array(Letter).openapi({
      description: "What could not be worked on, of each queue the newest 50.",
    }),
    webhooks: z.array(Delivery).openapi({ description: "The newest 50 that were kept." }),
    budgets: z
      .array(Budget)
      .openapi({ description: "Each account's budget of requests to Vivenu." }),
  })
  .openapi("Operations");
export type Operations = z.infer<typeof Operations>;
