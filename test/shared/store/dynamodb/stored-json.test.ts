import { describe, expect, test } from "vitest";
import { readStored, writeStored } from "../../../../shared/store/dynamodb/stored-json.ts";

const step = (name: string) => ({ name, state: "waiting", attempts: 0, triggeredAt: null });
const steps = (count: number) => Array.from({ length: count }, (_, index) => step(`s-${index}`));
const stateOf = <Step>(list: readonly Step[]) => ({ run: { id: "p.1", steps: list }, scheduledFor: null });

describe("a stored state", () => {
  test.each([0, 1, 64, 65, 128, 129, 1_000])("with %i steps is read as it was written", (count) => {
    const state = { ...stateOf(steps(count)), completions: steps(count), outage: { steps: ["a", "b"] } };
    expect(readStored(writeStored(state))).toEqual(state);
  });

  test("with a long list of names is read as it was written", () => {
    const names = steps(200).map(({ name }) => name);
    expect(readStored(writeStored({ outage: { since: 1, steps: names } }))).toEqual({
      outage: { since: 1, steps: names },
    });
  });

  test("whose text looks like a place in it is read as it was written", () => {
    const parameters = { $parts: "from", "2:": "." };
    const state = { ...stateOf(steps(100)), queuedRun: { parameters } };
    expect(readStored(writeStored(state))).toEqual(state);
  });

  test("of a former version is read", () => {
    expect(readStored('{"run":null}')).toEqual({ run: null });
  });

  test("is packed anew only where it has changed: of a thousand steps, at most 64", () => {
    let packed = 0;
    const counted = (name: string) => ({
      ...step(name),
      toJSON: () => {
        packed += 1;
        return step(name);
      },
    });
    const before = Array.from({ length: 1_000 }, (_, index) => counted(`s-${index}`));
    writeStored(stateOf(before));
    expect(packed).toBe(1_000);
    const after = before.map((one, index) => (index === 500 ? counted("changed") : one));
    const text = writeStored(stateOf(after));
    expect(packed).toBe(1_064);
    expect(readStored(text)).toEqual(stateOf(after.map(({ name }) => step(name))));
  });
});
