// Translates the app's routes into those of API Gateway, so that every page of the app exists on AWS, too.
import { HttpMethod } from "aws-cdk-lib/aws-apigatewayv2";
import type { Route } from "../shared/http/routes.ts";

export type GatewayRoute = { method: HttpMethod; path: string };

/** All of /api goes to the app, which answers unknown paths there with a problem document, as on one machine. */
const wholeApi: GatewayRoute = { method: HttpMethod.ANY, path: "/api/{path+}" };

/** One for each route of the app outside /api. API Gateway answers all other requests with 404 and runs no function. */
export function gatewayRoutes(routes: readonly Route[]): GatewayRoute[] {
  const found = new Map<string, GatewayRoute>();
  for (const route of routes) {
    const { method, path } = route.path.startsWith("/api/") ? wholeApi : translate(route);
    found.set(`${method} ${path}`, { method, path });
    // The app answers HEAD like GET, which monitors of web sites send.
    if (method === HttpMethod.GET) found.set(`HEAD ${path}`, { method: HttpMethod.HEAD, path });
  }
  return [...found.values()];
}

function translate({ method, path }: Route): GatewayRoute {
  const translated = path.replace(/:([A-Za-z]\w*)(?=\/|$)/g, "{$1}");
  // Hono also knows wildcards, optional parameters and parameters with an expression.
  if (!/^(?:\/|(?:\/(?:[\w.~-]+|\{\w+\}))+)$/.test(translated)) {
    throw new Error(
      `expected a route of fixed segments and parameters like /runs/:run, found ${JSON.stringify(path)}; API Gateway has no equivalent`,
    );
  }
  return { method: methodOf(method), path: translated };
}

function methodOf(method: string): HttpMethod {
  const known = Object.values(HttpMethod).find((name) => name === method);
  if (known === undefined) throw new Error(`expected an HTTP method, found ${JSON.stringify(method)}`);
  return known;
}
