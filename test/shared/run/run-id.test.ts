import { describe, expect, test } from "vitest";
import { makeRunId, pipelineOfRunId } from "../../../shared/run/run-id.ts";

describe("a run's id", () => {
  test("contains its pipeline, and sorts by time", () => {
    const now = Date.UTC(2026, 10, 20, 3);
    expect(makeRunId("void-docker", now, 0.5)).toBe("void-docker.20261120T030000000-i00000");
    expect(pipelineOfRunId(makeRunId("a.b-c", now, 0.999))).toBe("a.b-c");
    expect(makeRunId("p", now, 0.9) < makeRunId("p", now + 1, 0.1)).toBe(true);
  });

  test.each(["", "p", "p.20261120T030000000-i0000", "p/20261120T030000000-i00000"])("is not %j", (id) => {
    expect(pipelineOfRunId(id)).toBeNull();
  });
});
