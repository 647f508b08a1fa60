import { expect, test } from "vitest";
import type { Answer } from "../../../shared/outgoing/send.ts";
import { withTicket } from "../../../shared/triggers/read-ticket.ts";
import { accepted } from "../../../shared/triggers/trigger.ts";

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
])("of the answer %j, the ticket is %j", (body, ticket) => {
  expect(withTicket(accepted, answer(JSON.stringify(body)), fields)).toEqual({ kind: "accepted", ticket });
});

test.each(["", "null", "[]", "5", '"id"', "{", "{}", '{"id":null}', '{"id":{}}', '{"id":-1}', '{"id":1.5}'])(
  "the answer %s has no ticket, and the build is accepted no less",
  (text) => {
    expect(withTicket(accepted, answer(text), fields)).toEqual({ kind: "accepted", ticket: null });
  },
);

test("what was not accepted has no ticket", () => {
  const rejected = { kind: "rejected", reason: "so" } as const;
  expect(withTicket(rejected, answer('{"id":1}'), fields)).toEqual(rejected);
});
