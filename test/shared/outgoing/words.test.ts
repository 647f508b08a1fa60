import { describe, expect, test } from "vitest";
import { realOrigins, withOrigin } from "../../../shared/outgoing/origins.ts";
import { readRetryAfter } from "../../../shared/outgoing/retry-after.ts";

const now = Date.UTC(2026, 10, 20, 3);

describe("Retry-After", () => {
  test.each([
    [null, null],
    ["5", 5_000],
    [" 1.5 ", 1_500],
    ["0", 0],
    ["Fri, 20 Nov 2026 03:01:00 GMT", 60_000],
    ["Fri, 20 Nov 2026 02:00:00 GMT", 0],
    ["soon", null],
    ["-5", null],
    ["2026", 2_026_000],
    ["99999999999999", null],
    ["", null],
  ])("of %j is %j ms", (value, waitMs) => {
    expect(readRetryAfter(value, now)).toBe(waitMs);
  });
});

describe("an outgoing address", () => {
  const origins = { hub: "http://127.0.0.1:1", registry: "http://127.0.0.1:2", github: "http://127.0.0.1:3" };
  test.each([
    ["https://hub.docker.com/v2/a?b=c%2Fd", "http://127.0.0.1:1/v2/a?b=c%2Fd"],
    ["https://registry.hub.docker.com/u/a/b/trigger/t/", "http://127.0.0.1:1/u/a/b/trigger/t/"],
    ["https://registry-1.docker.io/v2/a/manifests/b", "http://127.0.0.1:2/v2/a/manifests/b"],
    ["https://auth.docker.io/token?service=x", "http://127.0.0.1:2/token?service=x"],
    ["https://api.github.com/repos/a/b", "http://127.0.0.1:3/repos/a/b"],
    ["https://example.org/x", "https://example.org/x"],
    ["no url", null],
  ])("%s becomes %s", (address, replaced) => {
    expect(withOrigin(address, origins)).toBe(replaced);
  });

  test("stays as it is where nothing stands in for its host", () => {
    expect(withOrigin("https://hub.docker.com/v2/a", realOrigins)).toBe("https://hub.docker.com/v2/a");
  });
});
