import fc from "fast-check";
import { raw } from "hono/html";
import { describe, expect, test } from "vitest";
import * as light from "../../infra/bundle/web.ts";

/** What both come to: the same answer, or an error. */
async function outcome(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch {
    return "refused";
  }
}

async function expectSame(ofLight: () => unknown, ofNode: () => unknown): Promise<void> {
  expect(await outcome(ofLight)).toEqual(await outcome(ofNode));
}

const name = fc.constantFrom("a", "A", "x-b", "Set-Cookie", "content-type", "", "no name", "ä", "a:b");
const value = fc.oneof(
  fc.constantFrom("", " x ", "a, b", "x\r\ny: z", "\0", "é", "€", "\tx\n"),
  fc.string({ maxLength: 5, unit: "binary" }),
);
const pairs = fc.array(fc.tuple(name, value), { maxLength: 4 });
const operation = fc.record({
  kind: fc.constantFrom("append", "set", "delete", "get", "has"),
  name,
  value,
});
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function play(headers: Headers | light.Headers, { kind, name, value }: Operation): unknown {
  switch (kind) {
    case "append":
    case "set":
      return headers[kind](name, value);
    case "delete":
    case "get":
    case "has":
      return headers[kind](name);
  }
}

const content = fc.oneof(
  fc.constant(null),
  fc.string({ maxLength: 9, unit: "binary" }),
  fc.constant(raw("<p>&lt;</p>")),
  fc.uint8Array({ maxLength: 9 }),
  fc.uint8Array({ maxLength: 9 }).map(({ buffer }) => buffer),
);

describe("what stands in the bundles for Node's own", () => {
  test("headers are kept, joined, told and refused alike", async () => {
    const played = fc.record({ pairs, operations: fc.array(operation, { maxLength: 12 }) });
    await fc.assert(
      fc.asyncProperty(played, async ({ pairs, operations }) => {
        await expectSame(
          () => [...new light.Headers(pairs)],
          () => [...new Headers(pairs)],
        );
        const [ofLight, ofNode] = [new light.Headers({ a: "1" }), new Headers({ a: "1" })];
        for (const one of operations) {
          await expectSame(
            () => play(ofLight, one),
            () => play(ofNode, one),
          );
        }
        expect([...ofLight]).toEqual([...ofNode]);
        expect([...ofLight.keys()]).toEqual([...ofNode.keys()]);
        expect([...ofLight.values()]).toEqual([...ofNode.values()]);
        expect(ofLight.getSetCookie()).toEqual(ofNode.getSetCookie());
        const told: [string, string][] = [];
        ofLight.forEach((value, name) => void told.push([value, name]));
        expect(told).toEqual([...ofNode].map(([name, value]) => [value, name]));
      }),
      { numRuns: 500 },
    );
  });

  test("a request is of the same address, method, headers and body, or refused alike", async () => {
    const asked = fc.record({
      url: fc.constantFrom(
        "https://x",
        "https://x:443/ä?b=c d#e",
        "/x",
        "https://a:b@x/",
        "https://x/\n",
        "",
      ),
      method: fc.constantFrom(
        "GET",
        "get",
        "HEAD",
        "POST",
        "post",
        "Patch",
        "patch",
        "TRACE",
        "a b",
        "QUERY",
      ),
      headers: pairs,
      body: content,
    });
    const tell = async (request: Request | light.Request) => [
      ...[request.url, request.method, [...request.headers], request.bodyUsed],
      ...[await request.text(), request.bodyUsed],
    ];
    await fc.assert(
      fc.asyncProperty(asked, async ({ url, ...init }) =>
        expectSame(
          () => tell(new light.Request(url, init)),
          () => tell(new Request(url, init)),
        ),
      ),
      { numRuns: 500 },
    );
  });

  test("what Hono answers with 400 is a TypeError", () => {
    expect(() => new light.Request("/x")).toThrow(TypeError);
    expect(() => new light.Request("https://x", { body: "x" })).toThrow(TypeError);
    expect(() => new light.Headers({ a: "€" })).toThrow(TypeError);
  });

  test("an answer is of the same status, headers and body, read, copied or passed on, or refused alike", async () => {
    const answered = fc.record({
      status: fc.constantFrom(200, 201, 204, 205, 299, 300, 304, 404, 500, 599, 99, 600),
      headers: pairs,
      body: content,
    });
    const bytes = async (answer: { arrayBuffer: () => Promise<ArrayBuffer> }) => [
      ...new Uint8Array(await answer.arrayBuffer()),
    ];
    const drain = async (
      body: { getReader: () => { read: () => Promise<{ value?: Uint8Array | undefined }> } } | null,
    ) => {
      const reader = body?.getReader();
      const all: number[] = [];
      for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
        all.push(...part.value);
      }
      return all;
    };
    await fc.assert(
      fc.asyncProperty(answered, async ({ body, ...init }) => {
        const ofLight = () => new light.Response(body, init);
        const ofNode = () => new Response(body, init);
        const tell = async (answer: Response | light.Response) => [
          ...[answer.status, answer.ok, answer.statusText, [...answer.headers], answer.bodyUsed],
          ...[await bytes(answer.clone()), await answer.text(), answer.bodyUsed],
        ];
        await expectSame(
          () => tell(ofLight()),
          () => tell(ofNode()),
        );
        await expectSame(
          () => drain(ofLight().body),
          () => drain(ofNode().body),
        );
        await expectSame(
          () => bytes(new light.Response(ofLight().body, ofLight())),
          () => bytes(new Response(ofNode().body, ofNode())),
        );
        const readTwice = async (answer: Response | light.Response) => [
          await answer.text(),
          await answer.text(),
        ];
        await expectSame(
          () => readTwice(ofLight()),
          () => readTwice(ofNode()),
        );
      }),
      { numRuns: 500 },
    );
  });
});
