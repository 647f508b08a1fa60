// Releases made for real, in a repository of their own. Nothing is published.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeReleaseClone, type ReleaseClone } from "../stand-ins/release-clone.ts";

describe("npm run release", () => {
  let clone: ReleaseClone;
  beforeAll(() => {
    clone = makeReleaseClone();
  });
  afterAll(() => clone.remove());

  test("makes the package, the commit and the tag, and cannot make them twice", () => {
    const { stdout, stderr, status } = clone.release("0.9.0");
    expect(stderr).toContain("tagrelay-0.9.0.tgz");
    expect(clone.builderCalls()).toEqual([
      "buildah build --format docker --tag tagrelay:0.9.0 --tag tagrelay:0.9 --tag tagrelay:latest .",
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain("These commands publish it:\n  git push --atomic origin main v0.9.0\n");
    expect(clone.git("log", "-1", "--format=%s")).toBe("Release 0.9.0\n");
    expect(clone.git("status", "--porcelain")).toBe("");
    expect(clone.git("cat-file", "-p", "v0.9.0")).toContain("### Added");
    const packed = execFileSync("tar", ["-xzOf", "tagrelay-0.9.0.tgz", "package/package.json"], {
      cwd: clone.path,
    });
    expect(JSON.parse(packed.toString()).version).toBe("0.9.0");
    const again = clone.release("0.9.0");
    expect(again.status).toBe(2);
    expect(again.stderr).toContain("found the tag v0.9.0; name another version");
    expect(again.stderr).toContain('expected changes under "## Unreleased"');
  });

  test("leaves the files as they were if the image or the package cannot be made", () => {
    clone.git("checkout", "--quiet", "-B", "main", "v0.9.0~1");
    clone.mark("broken");
    const unchanged = clone.state();
    expect(clone.release("0.9.1").status).toBe(1);
    expect(clone.builderCalls()).toHaveLength(1);
    expect(clone.state()).toBe(unchanged);
    writeFileSync(join(clone.path, "infra/package/cdk.ts"), "this is no TypeScript\n");
    clone.git("commit", "--quiet", "--all", "--message", "Break the package");
    const before = clone.state();
    const { stderr, status } = clone.release("0.9.1");
    expect(stderr).toContain("the release could not be made; the files are as they were before");
    expect(status).toBe(1);
    expect(clone.state()).toBe(before);
  });
});
