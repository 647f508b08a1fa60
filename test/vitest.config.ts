// The tests of `npm test`: all that need neither the CDK, a browser, simulated worlds nor anything installed. Real processes
// and sockets need more time than vitest's defaults allow.
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** These mostly wait. If they ran at the same time, the processor would be idle; if one came last, all would wait for it. */
const waiting =
  /\/(?:docs|builds-docs|examples|local\/(?:codebuild|sample|start)|server\/slow-clients|dynamodb\/unreachable|end-to-end\/commands)\.test\.ts$/;

/** One that waits after every twelve others, so that one or two of them run at a time. */
class WaitingInBetween extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isWaiting = ({ moduleId }: TestSpecification) => waiting.test(moduleId);
    const others = sorted.filter((file) => !isWaiting(file));
    return [...sorted.filter(isWaiting).flatMap((file) => [file, ...others.splice(0, 12)]), ...others];
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
    maxWorkers: 4,
    maxConcurrency: 20,
    isolate: false,
    sequence: { sequencer: WaitingInBetween },
  },
});
