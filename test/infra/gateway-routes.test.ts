import { describe, expect, test } from "vitest";
import { gatewayRoutes } from "../../infra/gateway-routes.ts";
import { listRoutes, type Route } from "../../shared/http/routes.ts";

const keysOf = (routes: readonly Route[]) =>
  gatewayRoutes(routes).map(({ method, path }) => `${method} ${path}`);

describe("a route of the app becomes a route of API Gateway:", () => {
  test.each([
    ["GET", "/", ["GET /", "HEAD /"]],
    ["GET", "/healthz", ["GET /healthz", "HEAD /healthz"]],
    ["POST", "/pipelines/:pipeline/runs", ["POST /pipelines/{pipeline}/runs"]],
    ["GET", "/assets/:file", ["GET /assets/{file}", "HEAD /assets/{file}"]],
    ["GET", "/api/runs/:run/steps/:step/output", ["ANY /api/{path+}"]],
    ["POST", "/apis", ["POST /apis"]],
  ])("%s %s becomes %j", (method, path, keys) => {
    expect(keysOf([{ method, path }])).toEqual(keys);
  });

  test("each once", () => {
    const routes = ["/api/a", "/api/b", "/:a", "/:a"].map((path) => ({ method: "GET", path }));
    expect(keysOf(routes)).toEqual(["ANY /api/{path+}", "GET /{a}", "HEAD /{a}"]);
  });

  test.each(["/files/*", "/runs/:run?", "/runs/:run{[0-9]+}", "/badge/:file.svg", "runs"])(
    "%s has no equivalent and is refused",
    (path) => {
      expect(() => gatewayRoutes([{ method: "GET", path }])).toThrow(
        `expected a route of fixed segments and parameters like /runs/:run, found "${path}"`,
      );
    },
  );

  test("a method that API Gateway does not know is refused", () => {
    expect(() => gatewayRoutes([{ method: "QUERY", path: "/" }])).toThrow(
      'expected an HTTP method, found "QUERY"',
    );
  });
});

test("with pages off, API Gateway has no routes for them", () => {
  expect(keysOf(listRoutes("off")).filter((key) => !/\/(?:api|hooks)\//.test(key))).toEqual([
    "GET /healthz",
    "HEAD /healthz",
    "GET /metrics",
    "HEAD /metrics",
  ]);
});
