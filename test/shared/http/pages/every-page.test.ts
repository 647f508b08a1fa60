// What every page must do, also one that is added later.
import { afterAll, beforeAll, expect, test } from "vitest";
import { returnPath } from "../../../../shared/http/pages/return-path.ts";
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
  expect(headers.get("content-security-policy") ?? "no policy").toContain("default-src 'none'");
});

test.each(pages.filter(({ path }) => !isOpen.test(path)))(
  "$method $path sends people who have not signed in to the sign-in page",
  async (route) => {
    const { status, headers } = await request(route);
    expect([status, headers.get("location")]).toEqual([303, expect.stringMatching(/^\/sign-in/)]);
  },
);

const admitted = pages.filter(({ method, path }) => method === "GET" && !isOpen.test(path));

test.each(admitted)("signing in returns to $path: shared/http/pages/return-path.ts", ({ path }) => {
  const asked = path.replace(/:\w+/g, "chain");
  expect(returnPath(asked)).toBe(asked);
});

test("every page that is there sends an ETag, so that an unchanged one is not sent again", async () => {
  const open = await startFixture({ chain: { image: "acme/chain", sequence: ["a"] } });
  const answers = await Promise.all(
    admitted.map(async ({ path }) => ({
      path,
      response: await open.app.request(path.replace(/:\w+/g, "chain")),
    })),
  );
  await open.stop();
  const found = answers.filter(({ response }) => response.status === 200);
  expect(found.length).toBeGreaterThan(2);
  expect(found.filter(({ response }) => !response.headers.has("etag")).map(({ path }) => path)).toEqual([]);
});
