// Releases that fail, in a repository of their own. package.test.ts has one that does not.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeReleaseClone, type ReleaseClone } from "../stand-ins/release-clone.ts";

let clone: ReleaseClone;
beforeAll(() => {
  clone = makeReleaseClone();
  clone.mark("broken");
});
afterAll(() => clone.remove());

test.each([
  ["the package", "infra/package/cdk.ts", "this is no TypeScript\n", 0],
  // What makes the package's code takes a quarter of a minute, and the image is not about that.
  ["the image", "infra/package/build.ts", "", 1],
])(
  "npm run release leaves the files as they were if %s cannot be made",
  (_what, file, text, builderCalls) => {
    writeFileSync(join(clone.path, file), text);
    clone.git("commit", "--quiet", "--all", "--message", `Change ${file}`);
    const before = clone.state();
    const { stderr, status } = clone.release("0.9.1");
    expect(stderr).toContain("the release could not be made; the files are as they were before");
    expect(status).toBe(1);
    expect(clone.builderCalls()).toHaveLength(builderCalls);
    expect(clone.state()).toBe(before);
  },
);
