// Any JSON, and samples of webhooks with some of their values replaced: no reader may throw, whatever it reads.
import fc from "fast-check";
import { expect } from "vitest";
import { imageName, parseImage } from "../../../shared/image/image.ts";
import type { ReadRegistryWebhook } from "../../../shared/kinds/registry.ts";

/** What is likely to be mistaken for something else, and any JSON. */
const anyValue = fc.oneof(
  fc.constantFrom(
    null,
    "",
    0,
    -1,
    Number.POSITIVE_INFINITY,
    true,
    [],
    {},
    [null],
    "localhost/a",
    "a/b:c@sha256:d",
    "://",
    "..",
    "A:B",
  ),
  fc.jsonValue(),
);

/** At most three values replaced, anywhere in the sample. */
function arbitraryMutation(sample: unknown): fc.Arbitrary<unknown> {
  const changes = fc.array(fc.record({ place: fc.nat(), value: anyValue }), { maxLength: 3 });
  return changes.map((list) =>
    list.reduce((body: unknown, { place, value }) => replace(body, place, value), sample),
  );
}

function replace(body: unknown, place: number, value: unknown): unknown {
  const at = place % countValues(body);
  let index = 0;
  const walk = (one: unknown): unknown => {
    index += 1;
    if (index - 1 === at) return value;
    if (Array.isArray(one)) return one.map(walk);
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(body);
}

function countValues(body: unknown): number {
  if (typeof body !== "object" || body === null) return 1;
  return Object.values(body).reduce((sum: number, inner) => sum + countValues(inner), 1);
}

/** Each push that is read has a valid image. Everything else has a reason. */
export function expectAnyWebhookRead(read: ReadRegistryWebhook, samples: readonly unknown[]): void {
  const bodies = fc.oneof(fc.jsonValue(), anyValue, ...samples.map(arbitraryMutation));
  let pushes = 0;
  fc.assert(
    fc.property(bodies, (body) => {
      const webhook = read(body);
      if (webhook.kind !== "pushes") {
        expect(webhook.reason).not.toBe("");
        return;
      }
      expect(webhook.pushes).not.toEqual([]);
      for (const { image, digest, pushedAt } of webhook.pushes) {
        pushes += 1;
        expect(parseImage(imageName(image), null)).toEqual({ kind: "image", image });
        expect(digest ?? `sha256:${"0".repeat(64)}`).toMatch(/^sha256:[0-9a-f]{64}$/);
        expect(Number.isFinite(pushedAt ?? 0)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
  // Otherwise the samples are no samples.
  expect(pushes).toBeGreaterThan(20);
}
