import { expect, test } from "vitest";
import { returnPath } from "../../../../shared/http/pages/return-path.ts";
import { isSameSite } from "../../../../shared/http/pages/same-site.ts";

test.each([
  "/",
  "/pipelines/void-docker",
  "/runs/void-docker.20261120T030000123-k3f9a1",
  "/runs/a.20261120T030000123-k3f9a1?output=acme%2Fapi%3Alatest",
  "/freshness",
  "/freshness?show=stale&find=acme%2Fa+b&page=2",
  "/?find=",
  "/pipelines/a?before=a.20261120T030000123-k3f9a1",
])("after signing in, the viewer returns to the page %s", (path) => expect(returnPath(path)).toBe(path));

test.each([
  undefined,
  "",
  "//evil.example",
  "/\\evil.example",
  "/.//evil.example",
  "https://evil.example/",
  "javascript:alert(1)",
  "/pipelines/../../evil",
  "/pipelines/a\r\nset-cookie: x",
  "/pipelines/a/b",
  "/sign-out",
  "/freshness/",
  "/?find=a?find=b",
  "?find=a",
])("after signing in, the viewer is not sent to %j", (path) => expect(returnPath(path)).toBe("/"));

test.each(["/freshness?x=1", "/freshness?find=a&to=//evil.example", "/freshness?find=a\r\nset-cookie: x"])(
  "after signing in, the viewer returns to the page without what it does not know: %j",
  (path) => expect(returnPath(path)).toBe("/freshness"),
);

test.each([
  [{ fetchSite: "same-origin", origin: undefined, host: "a" }, true],
  [{ fetchSite: "none", origin: undefined, host: "a" }, true],
  [{ fetchSite: "same-site", origin: "https://a", host: "a" }, false],
  [{ fetchSite: "cross-site", origin: "https://a", host: "a" }, false],
  [{ fetchSite: undefined, origin: "http://a:8787", host: "a:8787" }, true],
  // Behind a proxy that ends TLS.
  [{ fetchSite: undefined, origin: "https://a", host: "a" }, true],
  [{ fetchSite: undefined, origin: "https://a:1", host: "a" }, false],
  [{ fetchSite: undefined, origin: "null", host: "a" }, false],
  [{ fetchSite: undefined, origin: undefined, host: "a" }, false],
])("whether a form comes from this site is decided from %j: %s", (headers, isSame) =>
  expect(isSameSite(headers)).toBe(isSame),
);
