import { expect, test } from "vitest";
import {
  matchesOrigin,
  realOrigins,
  redirectToStandIn,
  replaceKnownHost,
} from "../../../shared/outgoing/origins.ts";

const origins = {
  registries: new Map(),
  hub: "http://127.0.0.1:1/ignored/?too=1",
  registry: "http://[::1]:2",
  github: "https://github.example:3/",
  others: "http://127.0.0.1:4/ignored",
};

test.each([
  ["hub.docker.com", "http://127.0.0.1:1"],
  ["registry.hub.docker.com", "http://127.0.0.1:1"],
  ["HUB.docker.com", "http://127.0.0.1:1"],
  ["registry-1.docker.io", "http://[::1]:2"],
  ["auth.docker.io", "http://[::1]:2"],
  ["api.github.com", "https://github.example:3"],
])("an address of %s goes to %s, with the same path and query", (host, origin) => {
  for (const path of [
    "/",
    "/a/b/",
    "/a%2Fb/%20?c=d%2Fe&f",
    "/v2/x/manifests/a:b@c",
    "/?a=https://hub.docker.com/",
  ]) {
    expect(replaceKnownHost(new URL(`https://${host}${path}`), origins)).toBe(`${origin}${path}`);
  }
});

test.each([
  "https://hub.docker.com.example.org/a",
  "https://example.org/hub.docker.com",
  "https://my-hub.docker.com/a",
  "http://127.0.0.1:9/a",
])("an address of another host is unchanged: %s", (address) => {
  expect(replaceKnownHost(new URL(address), origins)).toBe(address);
});

test("one origin can be replaced without the others", () => {
  const onlyHub = { ...realOrigins, hub: "http://127.0.0.1:1" };
  expect(replaceKnownHost(new URL("https://hub.docker.com/a"), onlyHub)).toBe("http://127.0.0.1:1/a");
  expect(replaceKnownHost(new URL("https://api.github.com/a"), onlyHub)).toBe("https://api.github.com/a");
  expect(replaceKnownHost(new URL("https://auth.docker.io/a"), onlyHub)).toBe("https://auth.docker.io/a");
});

test("a host that a trigger names becomes part of the path at the stand-in", () => {
  const address = new URL("https://ci.example:8443/a%2Fb?c=d%26e");
  expect(redirectToStandIn(address, origins)).toBe("http://127.0.0.1:4/at/ci.example:8443/a%2Fb?c=d%26e");
  expect(redirectToStandIn(address, realOrigins)).toBe(address.href);
});

test.each([
  ["https://a.example.org/x", "https://*.example.org", true],
  ["https://a.b.example.org:443/x", "https://*.example.org", true],
  ["https://example.org/x", "https://*.example.org", false],
  ["https://evil-example.org/x", "https://*.example.org", false],
  ["https://a.example.org:8443/x", "https://*.example.org", false],
  ["http://a.example.org/x", "https://*.example.org", false],
  ["https://a.example.org.evil.example/x", "https://*.example.org", false],
  ["https://example.org/x", "https://example.org", true],
  ["https://a.example.org/x", "https://example.org", false],
])("%s matches %s: %j", (address, origin, expected) => {
  expect(matchesOrigin(new URL(address), origin)).toBe(expected);
});
