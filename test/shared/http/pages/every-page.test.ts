// What every page must do, also one that is added later.
import { afterAll, beforeAll, expect, test } from "vitest";
import { listRoutes } from "../../../../shared/http/routes.ts";
import { type Fixture, startFixture } from "../../../stand-ins/relay.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture({ chain: { image: "acme/chain", sequence: ["a"] } }, {}, { pages: "token" });
});
afterAll(() => fixture.stop());

const isElsewhere = /^\/(?:api|hooks|badge|healthz|metrics)(?:\/|$)/;
/** What a browser needs before anybody has signed in. */
const isOpen = /^\/(?:sign-in|sign-out|assets)(?:\/|$)/;
const pages = listRoutes().filter(({ path }) => !isElsewhere.test(path));
const request = ({ method, path }: { method: string; path: string }) => {
  const headers = { "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" };
  return fixture.app.request(path.replace(/:\w+/g, "chain"), { method, headers });
};

test.each(pages)("$method $path sends the content security policy", async (route) => {
  const { headers } = await request(route);
  expect(headers.get("content-security-policy")).toContain("default-src 'none'");
});

test.each(pages.filter(({ path }) => !isOpen.test(path)))(
  "$method $path sends people who have not signed in to the sign-in page",
  async (route) => {
    const { status, headers } = await request(route);
    expect([status, headers.get("location")]).toEqual([303, expect.stringMatching(/^\/sign-in/)]);
  },
);
