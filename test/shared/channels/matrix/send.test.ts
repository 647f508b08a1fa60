import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { matrix, matrixMessage } from "../../../../shared/channels/matrix/send.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { channelContext, failure, saying } from "../../../stand-ins/notices.ts";

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
  server.answer = answering(200, JSON.stringify({ event_id: "$1" }));
});
afterAll(() => server.close());

const send = (notice = failure) =>
  matrix.send(
    { url: `${server.origin}/`, room: "!ops/../x:example.org", secret: "MATRIX_TOKEN" },
    notice,
    channelContext({ MATRIX_TOKEN: "syt_token-9\n" }),
  );

test("a failure is a message that clients alert about, in text and HTML, and mentions nobody", async () => {
  expect(await send()).toEqual({ kind: "delivered" });
  const [asked] = server.asked;
  expect(asked).toMatchObject({ method: "PUT", headers: { authorization: "Bearer syt_token-9" } });
  expect(asked?.path).toMatch(
    /^\/_matrix\/client\/v3\/rooms\/!ops%2F\.\.%2Fx%3Aexample\.org\/send\/m\.room\.message\/[0-9a-f]{32}$/,
  );
  const run = "https://tagrelay.example.org/runs/void-docker.20261121T020000000-k3f9a1";
  const lines = [
    "• step-1, after 2 attempts: GitHub Actions: failure (https://github.com/a/b_c/actions/runs/1)",
    "Not built because of that: step-2, latest.",
  ];
  expect(JSON.parse(asked?.body ?? "")).toEqual({
    msgtype: "m.text",
    body: ["void-docker failed", ...lines, run].join("\n"),
    format: "org.matrix.custom.html",
    formatted_body: ["<b>void-docker failed</b>", ...lines, `<a href="${run}">See what happened</a>`].join(
      "<br>",
    ),
    "m.mentions": {},
  });
});

test("a notice that is sent again is the same transaction, and another notice is another", async () => {
  await send();
  await send();
  await send({ ...failure, id: "other" });
  const [first, second, third] = server.asked.map(({ path }) => path);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

test("a reason stays text", () => {
  const { formatted_body: html } = matrixMessage(saying('<img src="https://evil.example"> & x'));
  expect(html).toContain("&lt;img src=&quot;https://evil.example&quot;&gt; &amp; x");
});

test.each([
  [401, "M_UNKNOWN_TOKEN", "it refused the message (M_UNKNOWN_TOKEN)"],
  [403, "M_FORBIDDEN", "it refused the message (M_FORBIDDEN)"],
  [404, "M_NOT_FOUND", "it knows no such room (M_NOT_FOUND)"],
  [413, "M_TOO_LARGE", "it rejected the message"],
])("%i %s needs somebody's attention", async (status, errcode, reason) => {
  server.answer = answering(status, JSON.stringify({ errcode, error: "syt_token-9" }));
  const delivery = await send();
  expect(delivery).toMatchObject({ reason: expect.stringContaining(reason), needsAttention: true });
  expect(JSON.stringify(delivery)).not.toContain("token-9");
});

test.each([
  [{ "retry-after": "3" }, { errcode: "M_LIMIT_EXCEEDED" }, 3_000],
  [{}, { errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 2_000 }, 2_000],
])("its rate limit says how long to wait: %j %j", async (headers, body, retryAfterMs) => {
  server.answer = answering(429, JSON.stringify(body), headers);
  expect(await send()).toMatchObject({ retryAfterMs, needsAttention: false });
});
