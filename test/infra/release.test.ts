import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planRelease, type Repository } from "../../infra/release/plan-release.ts";
import { setVersion } from "../../infra/release/set-version.ts";
import { root } from "../stand-ins/program.ts";
import { makeReleaseClone, type ReleaseClone } from "../stand-ins/release-clone.ts";

const repository: Repository = {
  branch: "main",
  changed: [],
  tags: ["v0.1.0"],
  version: "0.1.0",
  changelog:
    "# Changelog\n\n## Unreleased\n\n### Fixed\n\n- A thing.\n\n## 0.1.0 - 2026-01-01\n\n- The first.\n",
};
const plan = (changes: Partial<Repository> = {}, wanted: string | null = null) =>
  planRelease({ ...repository, ...changes }, wanted, "2026-11-26");

describe("a release", () => {
  test("has a dated heading below an empty one, the notes of what was unreleased, and three tags of its image", () => {
    expect(plan()).toEqual({
      version: "0.1.1",
      gitTag: "v0.1.1",
      imageTags: ["0.1.1", "0.1", "latest"],
      notes: "### Fixed\n\n- A thing.",
      changelog: repository.changelog.replace("## Unreleased\n", "## Unreleased\n\n## 0.1.1 - 2026-11-26\n"),
    });
  });

  test("is a minor version if something was added, unless another is asked for", () => {
    const changelog = repository.changelog.replace("Fixed", "Added");
    expect(plan({ changelog }).version).toBe("0.2.0");
    expect(plan({ changelog }, "patch").version).toBe("0.1.1");
    expect(plan({}, "major").version).toBe("1.0.0");
    expect(plan({}, "0.3.1").version).toBe("0.3.1");
    expect(() => plan({}, "next")).toThrow("expected a version such as 1.2.3, or major, minor or patch");
  });

  test("is refused with everything that stands in its way", () => {
    const empty = repository.changelog.replace("- A thing.\n", "");
    expect(() =>
      plan({ branch: "topic", changed: ["README.md"], changelog: empty, tags: ["v0.1.0", "v0.1.1"] }),
    ).toThrow(
      [
        "expected the branch main, found topic; git switch main",
        "expected no uncommitted changes, found README.md; commit or stash them",
        "expected a new version, found the tag v0.1.1; name another version",
        'expected changes under "## Unreleased" in CHANGELOG.md, found none; say what is new',
      ].join("\n"),
    );
    expect(() => plan({}, "0.0.9")).toThrow("expected a version after 0.1.0, found 0.0.9");
  });

  test("changes nothing but the version in the files of npm", () => {
    for (const file of ["package.json", "package-lock.json"]) {
      const before = readFileSync(join(root, file), "utf8");
      const version: string = JSON.parse(before).version;
      const after = setVersion(before, "7.8.9");
      expect(after).not.toBe(before);
      expect(setVersion(after, version)).toBe(before);
    }
  });
});

describe("npm run release", () => {
  let clone: ReleaseClone;
  beforeAll(() => {
    clone = makeReleaseClone();
  });
  afterAll(() => clone.remove());

  test("--dry-run shows everything and changes nothing", () => {
    const before = clone.state();
    const { stdout, status } = clone.release("0.9.0", "--dry-run", "--image", "acme/tagrelay");
    expect(status).toBe(0);
    expect(stdout).toContain("### Added");
    expect(stdout).toMatch(/^ {2}CHANGELOG\.md {4}## 0\.9\.0 - \d{4}-\d\d-\d\d$/m);
    expect(stdout).toContain(`These commands would then publish it:
  git push --atomic origin main v0.9.0
  npm publish tagrelay-0.9.0.tgz
  buildah push acme/tagrelay:0.9.0
  buildah push acme/tagrelay:0.9
  buildah push acme/tagrelay:latest
`);
    expect(stdout).toContain(
      "image           acme/tagrelay:0.9.0 acme/tagrelay:0.9 acme/tagrelay:latest (by buildah)\n",
    );
    expect(clone.builderCalls()).toEqual([
      "buildah build --format docker --tag acme/tagrelay:dry-run .",
      "buildah rmi acme/tagrelay:dry-run",
    ]);
    expect(clone.state()).toBe(before);
  });

  test("--dry-run with an engine of Docker builds by that, with the arguments that it is given", () => {
    clone.mark("engine");
    const args = ["--build-arg", "BASE=acme/node:24", "--npmrc", "/home/me/.npmrc"];
    expect(clone.release("0.9.0", "--dry-run", ...args).status).toBe(0);
    expect(clone.builderCalls()).toEqual([
      "docker build --tag tagrelay:dry-run --build-arg BASE=acme/node:24 --secret id=npmrc,src=/home/me/.npmrc .",
      "docker rmi tagrelay:dry-run",
    ]);
  });

  test("--dry-run tells that the image cannot be built, and builds none if none is wanted", () => {
    clone.mark("broken");
    const { stderr, status } = clone.release("0.9.0", "--dry-run");
    expect(stderr).toContain("release: the image could not be built");
    expect(status).toBe(1);
    clone.builderCalls();
    const without = clone.release("0.9.0", "--dry-run", "--no-image");
    expect(without.stdout).toContain("image           none, because of --no-image\n");
    expect(without.stdout).toContain(
      "docker build --tag tagrelay:0.9.0 --tag tagrelay:0.9 --tag tagrelay:latest .",
    );
    expect(without.status).toBe(0);
    expect(clone.builderCalls()).toEqual([]);
  });
});
