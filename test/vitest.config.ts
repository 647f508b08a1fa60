// Runs the tests on a machine with two cores in two minutes. Real processes and sockets need more time than vitest's
// defaults allow.
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** These take longest, or wait for longest. If one of them started last, everything else would wait for it. */
const slow =
  /\/(?:simulation\/simulation|chaos\/chaos|docs|examples|browser\/\w+|local\/(?:sample|kill|webhooks-at-once)|server\/slow-clients|cli\/runs)\.test\.ts$/;

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification) => slow.test(moduleId);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    exclude: ["test/aws/**", "test/package/**", "test/registries/**", "test/simulation/mutants.test.ts"],
    // Ten times what the slowest test takes: a busy machine is no defect.
    testTimeout: 90_000,
    hookTimeout: 60_000,
    // More than there are cores, because tests that start processes spend time waiting for them.
    maxWorkers: 6,
    maxConcurrency: 20,
    isolate: false,
    sequence: { sequencer: SlowFirst },
  },
});
