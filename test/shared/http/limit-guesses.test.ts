import { afterEach, beforeEach, expect, test } from "vitest";
import { apiToken, type Fixture, startFixture, webhookSecret } from "../../stand-ins/relay.ts";

let fixture: Fixture;
beforeEach(async () => {
  fixture = await startFixture({ p: { sequence: ["acme/p:1"] } }, {}, { pages: "token" });
});
afterEach(() => fixture.stop());

/** As the adapter for Node tells it. */
const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } });
const ask = async (token: string, env: object = from("192.0.2.1"), headers: Record<string, string> = {}) => {
  const init = { headers: { authorization: `Bearer ${token}`, ...headers } };
  return fixture.app.request("/api/pipelines", init, env);
};
const signIn = async (token: string, env: object = from("192.0.2.1")) => {
  const headers = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" };
  return fixture.app.request(
    "/sign-in",
    { method: "POST", headers, body: new URLSearchParams({ token }) },
    env,
  );
};
async function guess(times: number, env?: object): Promise<Set<number>> {
  const statuses = new Set<number>();
  for (let n = 0; n < times; n += 1)
    statuses.add((await (n % 2 === 0 ? ask : signIn)(`guess-${n}`, env)).status);
  return statuses;
}

test("after twenty wrong tokens, not even the right one is looked at, and one more is every three seconds", async () => {
  expect(await guess(20)).toEqual(new Set([401]));
  const refused = await ask(apiToken);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "3"]);
  expect((await signIn(apiToken)).status).toBe(429);
  fixture.later(3_000);
  expect(await guess(1)).toEqual(new Set([401]));
  expect((await ask(apiToken)).status).toBe(429);
  fixture.later(3_000);
  expect((await ask(apiToken)).status).toBe(200);
  expect((await signIn(apiToken)).status).toBe(303);
});

test("others are not affected, nor is who is signed in, nor are webhooks", async () => {
  const cookie = (await signIn(apiToken)).headers.get("set-cookie")?.split(";")[0] ?? "";
  await guess(30);
  expect((await ask(apiToken, from("192.0.2.2"))).status).toBe(200);
  expect((await fixture.app.request("/", { headers: { cookie } }, from("192.0.2.1"))).status).toBe(200);
  const init = { method: "POST", headers: { authorization: `Bearer ${webhookSecret}` } };
  expect((await fixture.app.request("/hooks/distribution", init, from("192.0.2.1"))).status).toBe(415);
});

test("right tokens are not limited", async () => {
  for (let n = 0; n < 50; n += 1) expect((await ask(apiToken)).status).toBe(200);
});

test("clients of a proxy on this machine are told apart by what it appends, and not by what they write", async () => {
  const local = from("127.0.0.1");
  for (let n = 0; n < 20; n += 1)
    await ask("guess", local, { "x-forwarded-for": `203.0.113.${n}, 198.51.100.7` });
  expect((await ask(apiToken, local, { "x-forwarded-for": "198.51.100.7" })).status).toBe(429);
  expect((await ask(apiToken, local, { "x-forwarded-for": "198.51.100.8" })).status).toBe(200);
  // From elsewhere, the header means nothing.
  await guess(20);
  expect((await ask(apiToken, from("192.0.2.1"), { "x-forwarded-for": "198.51.100.9" })).status).toBe(429);
});

test("on Lambda, the address is the gateway's; of IPv6, the network counts", async () => {
  const gateway = { requestContext: { http: { sourceIp: "2001:db8:1:2:3::4" } } };
  await guess(20, gateway);
  expect((await ask(apiToken, { requestContext: { http: { sourceIp: "2001:db8:1:2::9" } } })).status).toBe(
    429,
  );
  expect((await ask(apiToken, { requestContext: { http: { sourceIp: "2001:db8:1:3::9" } } })).status).toBe(
    200,
  );
});

test("the addresses of one network of IPv6 are one client, however they are written", async () => {
  const guesses = ["2001:db8::1", "2001:db8::2", "2001:db8::a:1", "2001:0DB8:0:0:1:2:3:4"].map(from);
  for (let n = 0; n < 20; n += 1) await ask("guess", guesses[n % guesses.length]);
  expect((await ask(apiToken, from("2001:db8::b:2"))).status).toBe(429);
  expect((await ask(apiToken, from("2001:db8:0:1::1"))).status).toBe(200);
});

test("clients with IPv4 are told apart if their addresses are written as those of IPv6", async () => {
  await guess(20, from("::ffff:192.0.2.1"));
  expect((await ask(apiToken, from("192.0.2.1"))).status).toBe(429);
  expect((await ask(apiToken, from("::ffff:192.0.2.2"))).status).toBe(200);
  const local = from("::1");
  for (let n = 0; n < 20; n += 1) await ask("guess", local, { "x-forwarded-for": "::ffff:198.51.100.7" });
  expect((await ask(apiToken, local, { "x-forwarded-for": "198.51.100.7" })).status).toBe(429);
  expect((await ask(apiToken, local, { "x-forwarded-for": "::ffff:198.51.100.8" })).status).toBe(200);
});
