// Releases that fail, in a repository of their own. package.test.ts has one that does not.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeReleaseClone, type ReleaseClone } from "../stand-ins/release-clone.ts";

let clone: ReleaseClone;
beforeAll(() => {
  clone = makeReleaseClone();
});
afterAll(() => clone.remove());

/** Instead of what makes the package's code, which takes a quarter of a minute. */
function replaceBuild(script: string): void {
  writeFileSync(join(clone.path, "infra/package/build.ts"), script);
  clone.git("commit", "--quiet", "--all", "--message", "Replace the build");
}

test.each([
  ["the image", "", 1],
  ["the package", "this is no TypeScript", 0],
])("npm run release leaves the files as they were if %s cannot be made", (_what, build, builderCalls) => {
  replaceBuild(build);
  clone.mark("broken");
  const before = clone.state();
  const { stderr, status } = clone.release("0.9.1");
  expect(stderr).toContain("the release could not be made; the files are as they were before");
  expect(status).toBe(1);
  expect(clone.builderCalls()).toHaveLength(builderCalls);
  expect(clone.state()).toBe(before);
});
