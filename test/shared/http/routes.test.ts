import { Hono } from "hono";
import { expect, test } from "vitest";
import { listRoutes, routesOf } from "../../../shared/http/routes.ts";

const names = (pages: "public" | "token" | "off") =>
  listRoutes(pages)
    .map(({ method, path }) => `${method} ${path}`)
    .toSorted();

const always = [
  "GET /api/openapi.json",
  "GET /api/pipelines",
  "GET /api/pipelines/:pipeline",
  "GET /api/pipelines/:pipeline/runs",
  "GET /api/runs/:run",
  "GET /api/runs/:run/steps/:step/output",
  "GET /api/stale",
  "GET /healthz",
  "GET /metrics",
  "POST /api/channels/:channel/test",
  "POST /api/pipelines/:pipeline/runs",
  "POST /api/runs/:run/cancel",
  "POST /api/runs/:run/retry",
  "POST /api/runs/:run/rollback",
  "POST /api/runs/:run/steps/:step/approve",
  "POST /hooks/acr",
  "POST /hooks/acr/:secret",
  "POST /hooks/bitbucket",
  "POST /hooks/distribution",
  "POST /hooks/distribution/:secret",
  "POST /hooks/dockerhub",
  "POST /hooks/dockerhub/:secret",
  "POST /hooks/done",
  "POST /hooks/gitea",
  "POST /hooks/gitea/:secret",
  "POST /hooks/github",
  "POST /hooks/gitlab",
  "POST /hooks/harbor",
  "POST /hooks/harbor/:secret",
  "POST /hooks/quay",
  "POST /hooks/quay/:secret",
];
const ofPages = [
  "GET /",
  "GET /assets/:file",
  "GET /badge/:file",
  "GET /freshness",
  "GET /pipelines/:pipeline",
  "GET /runs/:run",
  "GET /sign-in",
  "POST /pipelines/:pipeline/runs",
  "POST /runs/:run/approve",
  "POST /runs/:run/cancel",
  "POST /runs/:run/retry",
  "POST /runs/:run/rollback",
  "POST /sign-in",
  "POST /sign-out",
];

test.each(["public", "token"] as const)("the app has these routes if pages are %s", (pages) => {
  expect(names(pages)).toEqual([...always, ...ofPages].toSorted());
});

test("without pages, the app has no routes of pages or badges", () => {
  expect(names("off")).toEqual(always);
});

test("every route has one method and a path without wildcards, as API Gateway needs it", () => {
  for (const { method, path } of listRoutes()) {
    expect(method).toMatch(/^(?:GET|POST)$/);
    expect(path).toMatch(/^\/(?:[\w.-]+|:\w+)?(?:\/(?:[\w.-]+|:\w+))*$/);
  }
});

test("a route with middleware is listed once, and middleware is not listed", () => {
  const app = new Hono();
  app.use(async (_c, next) => next());
  app.use("/a/*", async (_c, next) => next());
  app.get(
    "/a/:b",
    async (_c, next) => next(),
    (c) => c.text("b"),
  );
  app.post("/a/:b", (c) => c.text("b"));
  expect(routesOf(app)).toEqual([
    { method: "GET", path: "/a/:b" },
    { method: "POST", path: "/a/:b" },
  ]);
});
