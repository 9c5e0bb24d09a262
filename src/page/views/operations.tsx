import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { isFromOwnPage } from "../../api/access/session.ts";
import type { ApiOptions } from "../../api/app.ts";
import { AskedFor, adminActs } from "../../api/operation/operations-shapes.ts";
import { type ApiEnv, problem } from "../../api/request/problem.ts";
import { refuseUnreadable } from "../../api/request/query.ts";
import { Failure } from "../../lib/failure.ts";
import { answerPage } from "../answer.ts";
import type { Assets } from "../assets.ts";
import { Frame } from "../layout.tsx";
import { lookOf } from "../look.ts";
import { readQuery, viewQuery } from "../read-query.ts";
import { Said } from "../said.tsx";
import { Accounts } from "./operations-accounts.tsx";
import { Acts, Confirm } from "./operations-acts.tsx";
import { DeadLetters, Done, Webhooks } from "./operations-admin.tsx";
import { Flow } from "./operations-flow.tsx";
import { Outcomes } from "./operations-outcomes.tsx";

const MOST_BYTES = 65_536;
const listOf = z.union([z.string().transform((one) => [one]), z.array(z.string())]).optional();
const asked = {
  act: z.enum(adminActs),
  region: z.string().optional(),
  ids: listOf,
  all: z.literal("true").optional(),
};
const viewed = viewQuery({});
const confirmed = viewQuery(asked);
const Form = z.strictObject({ ...asked, key: z.string().min(1).max(200) });

/** Whether the service is well, what that costs, and what can be done about it. */
export function addOperationsView(
  app: OpenAPIHono<ApiEnv>,
  assets: Assets,
  { clock, readStatus, operations }: Pick<ApiOptions, "clock" | "readStatus" | "operations">,
) {
  // It is worked on where it is asked for.
  if (!operations) return;
  const View = Frame(assets);

  app.get("/operations", async (c) => {
    readQuery(c, viewed, clock);
    const look = lookOf(c, clock);
    const isAdmin = look.caller?.isAdmin ?? false;
    const [status, seen] = await Promise.all([
      readStatus(),
      isAdmin ? operations.read() : undefined,
    ]);
    const { problems, notes } = status;
    return answerPage(
      c,
      <View look={look} title="Operations">
        <div class="section-head">
          <h1>{standing(problems.length)}</h1>
          <span class="muted">{`Version ${status.version}, schema ${schemaOf(status)}`}</span>
        </div>
        {look.asOf ? (
          <p class="note">
            This is how it is now: of an earlier moment it is not known how the service was.
          </p>
        ) : null}
        {problems.length > 0 ? (
          <ul class="alarm">
            {problems.map((text) => (
              <li>
                <Said look={look} text={text} />
              </li>
            ))}
          </ul>
        ) : null}
        <Flow look={look} status={status} />
        <div class="with-side">
          <div>
            <Accounts look={look} accounts={status.accounts} budgets={seen?.budgets} />
            <Outcomes webhooks={status.webhooks} />
            {seen ? <DeadLetters look={look} operations={seen} /> : null}
            {seen ? <Webhooks look={look} operations={seen} /> : null}
          </div>
          <aside>
            {seen ? <Acts status={status} letters={seen.deadLetters.length} /> : null}
            <p class="muted">
              {seen
                ? `You act as “${look.caller?.name}”.`
                : `What can be done here needs a key with the admin scope. You look with “${look.caller?.name}”.`}
            </p>
            {seen ? <Done look={look} operations={seen} /> : null}
            {notes.length > 0 ? (
              <section aria-labelledby="notes-title">
                <h2 id="notes-title">Worth knowing</h2>
                {notes.map((text) => (
                  <p class="muted">
                    <Said look={look} text={text} />
                  </p>
                ))}
              </section>
            ) : null}
          </aside>
        </div>
      </View>,
    );
  });

  app.use("/operations/*", requireAdmin);

  app.get("/operations/confirm", async (c) => {
    const { act, region, ids, all } = readQuery(c, confirmed, clock);
    const look = lookOf(c, clock);
    const status = await readStatus();
    return answerPage(
      c,
      <View look={look} title="Confirm" isLive={false}>
        <Confirm
          {...{ look, act, region, ids, isAll: all === "true", status }}
          token={crypto.randomUUID()}
        />
      </View>,
    );
  });

  app.post("/operations/acts", bodyLimit({ maxSize: MOST_BYTES }), async (c) => {
    if (!isFromOwnPage(c)) return problem(c, 403, "Only a page of this service may ask for this.");
    const form = Form.safeParse(shortened(await c.req.parseBody({ all: true })));
    refuseUnreadable(form);
    if (!form.success) return;
    const { act, region, ids, all, key } = form.data;
    const wanted = { act, confirm: act, region, ids, ...(all && { all: true }) };
    const checked = AskedFor.safeParse(JSON.parse(JSON.stringify(wanted)));
    refuseUnreadable(checked);
    const action = await operations.ask({
      act,
      subject: { ...(region && { region: region.toUpperCase() }), ...(ids && { ids }) },
      by: c.get("caller").name,
      idempotencyKey: key,
    });
    if (!action) throw new Failure("malformed", "This form was used for another act.");
    return c.redirect(`/operations#act-${action.id}`, 303);
  });
}

/** A migration's number says it: `0100_projections_structured_changes.sql`. */
const schemaOf = ({ versions }: { versions: { schema: string | null } }) =>
  versions.schema?.split("_", 1)[0] ?? "none";

const standing = (problems: number) =>
  problems === 0
    ? "Everything runs"
    : problems === 1
      ? "One thing to look at"
      : `${problems} things to look at`;

/** What a browser sends of a form that nobody filled in is left out. */
const shortened = (body: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== ""));

const requireAdmin: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (c.get("caller").isAdmin) return next();
  return problem(c, 403, "This needs a key whose scope is admin.");
};
