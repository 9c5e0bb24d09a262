import { expect, test } from "bun:test";
import { z } from "zod";
import { raiseStage } from "../../../test/support/stage.ts";

const Description = z.object({
  paths: z.object({
    "/api/downloads/{name}": z.object({
      get: z.object({
        parameters: z.tuple([z.object({ schema: z.object({ enum: z.array(z.string()) }) })]),
      }),
    }),
  }),
});

test("with fewer tabs the API names no file of another, neither in a refusal nor in its description", async () => {
  await using stage = await raiseStage({ season: "small", settings: { SHEET_TABS: "events" } });
  const running = await stage.start();
  try {
    const refused = await stage.get("/api/downloads/overview.csv");
    expect(refused.status).toBe(404);
    expect(await refused.json()).toMatchObject({
      detail: "There is no such file. There are vivenu.xlsx, events.csv.",
    });
    const { paths } = Description.parse(await stage.readJson("/openapi.json"));
    const [name] = paths["/api/downloads/{name}"].get.parameters;
    expect(name.schema.enum).toEqual(["vivenu.xlsx", "events.csv"]);
  } finally {
    await running.stop();
  }
});
