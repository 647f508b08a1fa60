import { expect, test } from "vitest";
import { isSameSite } from "../../../../shared/http/pages/same-site.ts";
import { wayBack } from "../../../../shared/http/pages/way-back.ts";

test.each([
  "/",
  "/pipelines/void-docker",
  "/runs/void-docker.20261120T030000123-k3f9a1",
  "/runs/a.20261120T030000123-k3f9a1?output=acme%2Fapi%3Alatest",
])("after signing in one goes back to a page: %s", (path) => expect(wayBack(path)).toBe(path));

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
])("nobody is sent elsewhere: %j", (path) => expect(wayBack(path)).toBe("/"));

test.each([
  [{ fetchSite: "same-origin", origin: undefined, host: "a" }, true],
  [{ fetchSite: "none", origin: undefined, host: "a" }, true],
  [{ fetchSite: "same-site", origin: "https://a", host: "a" }, false],
  [{ fetchSite: "cross-site", origin: "https://a", host: "a" }, false],
  [{ fetchSite: undefined, origin: "http://a:8787", host: "a:8787" }, true],
  // A proxy with TLS in front.
  [{ fetchSite: undefined, origin: "https://a", host: "a" }, true],
  [{ fetchSite: undefined, origin: "https://a:1", host: "a" }, false],
  [{ fetchSite: undefined, origin: "null", host: "a" }, false],
  [{ fetchSite: undefined, origin: undefined, host: "a" }, false],
])("a form is taken where it is of this site: %j", (headers, isTaken) =>
  expect(isSameSite(headers)).toBe(isTaken),
);
