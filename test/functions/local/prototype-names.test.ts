import { afterAll, beforeAll, expect, test } from "vitest";
import { pushWebhook } from "../../stand-ins/docker-hub.ts";
import type { InProcess } from "../../stand-ins/in-process.ts";
import { startWithHubInProcess, type WithHub } from "../../stand-ins/with-hub.ts";

const tags = ["__proto__", "constructor", "toString", "hasOwnProperty"];

let setup: WithHub<InProcess>;
let program: InProcess;
beforeAll(async () => {
  setup = await startWithHubInProcess({ constructor: { image: "acme/constructor", sequence: tags } });
  program = setup.program;
});
afterAll(() => setup.close());

test("pipelines, steps, tags and runs may have the names of properties that every object has", async () => {
  const { status, body: run } = await program.api("POST", "/pipelines/constructor/runs");
  expect([status, run.pipeline]).toEqual([201, "constructor"]);
  for (const tag of tags) {
    expect((await program.hook(pushWebhook("acme/constructor", tag))).body.outcome).toBe("advanced");
  }
  expect(setup.hub.tags()).toEqual(tags);
  const { body: ended } = await program.api("GET", `/runs/${run.id}`);
  expect(ended.status).toBe("succeeded");
  expect(ended.steps.map(({ name }: { name: string }) => name)).toEqual(tags);
});

test("nothing is found by such a name if nothing is called that", async () => {
  for (const name of ["__proto__", "toString", "__proto__/runs", "valueOf"]) {
    expect((await program.api("GET", `/pipelines/${name}`)).status).toBe(404);
  }
  expect((await program.api("POST", "/pipelines/__proto__/runs")).status).toBe(404);
  for (const id of ["__proto__", "constructor", "__proto__.20261120T030000123-k3f9a1"]) {
    expect((await program.api("GET", `/runs/${id}`)).status).toBe(404);
  }
  for (const name of ["__proto__", "constructor", "toString"]) {
    expect((await program.hook(pushWebhook(name, name))).body.outcome).toBe("ignored");
    const { status } = await program.api("POST", "/pipelines/constructor/runs", { from: `${name}x` });
    expect(status).toBe(404);
  }
  const body = '{"__proto__":{"from":"constructor"}}';
  const inherited = await program.api("POST", "/pipelines/constructor/runs", JSON.parse(body));
  expect(inherited.status).toBe(400);
});
