// The tests of `npm test`: all that need neither the CDK, a browser, simulated worlds nor anything installed. Real processes
// and sockets need more time than vitest's defaults allow.
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** These take longest, or wait for longest. If one of them started last, everything else would wait for it. */
const slow =
  /\/(?:docs|examples|local\/(?:codebuild|sample|kill|webhooks-at-once)|server\/slow-clients|cli\/runs|end-to-end\/builds)\.test\.ts$/;

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
    // Each of these has a script of its own, such as `npm run test:aws`.
    exclude: ["aws", "browser", "chaos", "infra", "package", "registries", "simulation"].map(
      (suite) => `test/${suite}/**`,
    ),
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
