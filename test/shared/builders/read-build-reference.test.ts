import { expect, test } from "vitest";
import { accepted } from "../../../shared/builders/read-answer.ts";
import { withBuildReference } from "../../../shared/builders/read-build-reference.ts";
import type { Answer } from "../../../shared/outgoing/send.ts";

const fields = { id: "id", url: "html_url" };
const answer = (text: string): Answer => ({ kind: "answered", status: 200, header: () => null, text });
const url = "https://github.com/acme/web/actions/runs/1";

test.each([
  [
    { id: 1, html_url: url },
    { id: "1", url },
  ],
  [
    { id: "9007199254740993", html_url: url },
    { id: "9007199254740993", url },
  ],
  [{ id: 1 }, { id: "1", url: null }],
  [
    { id: 1, html_url: "http://github.com/acme/web" },
    { id: "1", url: null },
  ],
  [
    { id: 1, html_url: "javascript:alert(1)" },
    { id: "1", url: null },
  ],
  [
    { id: 1, html_url: "https://user:password@github.com/" },
    { id: "1", url: null },
  ],
  [
    { id: 1, html_url: `https://github.com/${"a".repeat(2_000)}` },
    { id: "1", url: null },
  ],
  [
    { id: 1, html_url: 5 },
    { id: "1", url: null },
  ],
])("the answer %j names the build %j", (body, build) => {
  expect(withBuildReference(accepted, answer(JSON.stringify(body)), fields)).toEqual({
    kind: "accepted",
    build,
  });
});

test.each(["", "null", "[]", "5", '"id"', "{", "{}", '{"id":null}', '{"id":{}}', '{"id":-1}', '{"id":1.5}'])(
  "the answer %s names no build, but still accepts",
  (text) => {
    expect(withBuildReference(accepted, answer(text), fields)).toEqual({ kind: "accepted", build: null });
  },
);

test("an answer that does not accept names no build", () => {
  const rejected = { kind: "rejected", reason: "so" } as const;
  expect(withBuildReference(rejected, answer('{"id":1}'), fields)).toEqual(rejected);
});
