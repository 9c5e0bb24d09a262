import { expect, test } from "bun:test";
import { toldOf } from "../database/fault.ts";
import { controlPlane } from "./control-plane.ts";

test("a pathway that is registered again says nothing of whether it is enabled, which somebody may have turned off", async () => {
  const asked: unknown[] = [];
  await using server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      asked.push([request.method, new URL(request.url).pathname, await request.json()]);
      const pathwayId = "0dd5b8e3-4728-4390-a302-5b6cdaa7ae8d";
      return Response.json({ pathwayId, status: "updated" });
    },
  });
  const plane = controlPlane({
    ...{ tenant: "a-tenant", dataCore: "core", name: "monitor", version: "1.2.3" },
    ...{ apiKey: "fc_test_0123", baseUrl: server.url.origin },
  });
  await plane.register(["vivenu.event.0"]);
  expect(asked).toEqual([
    [
      "PUT",
      "/api/v1/pathways/by-name/monitor",
      {
        ...{ tenant: "a-tenant", dataCore: "core", type: "virtual" },
        virtualConfig: { flowTypes: ["vivenu.event.0"] },
        labels: { name: "monitor", description: expect.stringContaining("1.2.3") },
      },
    ],
  ]);
});

test("an answer that breaks off is the control plane's, and no fault of PostgreSQL's", async () => {
  using server = Bun.listen({
    ...{ hostname: "127.0.0.1", port: 0 },
    socket: {
      data: (socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"),
    },
  });
  const plane = controlPlane({
    ...{ tenant: "a-tenant", dataCore: "core", name: "monitor", version: "1.2.3" },
    ...{ apiKey: "fc_test_0123", baseUrl: `http://127.0.0.1:${server.port}` },
  });
  const error = await plane.readDelivery().catch((thrown: unknown) => thrown);
  expect(toldOf(error)).toBe("Flowcore's control plane does not answer");
});
