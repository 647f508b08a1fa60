// Decides what a release consists of, or what stands in its way.
import { UsageError } from "../../shared/usage-error.ts";

export type Repository = {
  branch: string;
  /** The paths that differ from the last commit. */
  changed: readonly string[];
  tags: readonly string[];
  version: string;
  changelog: string;
};

export type Release = {
  version: string;
  gitTag: string;
  /** Of the version, of its minor version, and the newest. */
  imageTags: string[];
  notes: string;
  changelog: string;
};

const heading = "## Unreleased";

/** `wanted` is a version, `major`, `minor` or `patch`, or null for what the changelog calls for. */
export function planRelease(repository: Repository, wanted: string | null, date: string): Release {
  const { branch, changed, tags, version: current, changelog } = repository;
  const notes = unreleased(changelog);
  const version = nextVersion(current, wanted, notes);
  const gitTag = `v${version}`;
  const obstacles = [
    branch === "main" ? "" : `expected the branch main, found ${branch}; git switch main`,
    changed.length === 0
      ? ""
      : `expected no uncommitted changes, found ${changed.slice(0, 5).join(", ")}; commit or stash them`,
    tags.includes(gitTag) ? `expected a new version, found the tag ${gitTag}; name another version` : "",
    isNewer(version, current) || !tags.includes(`v${current}`)
      ? ""
      : `expected a version after ${current}, found ${version}`,
    notes === "" ? `expected changes under "${heading}" in CHANGELOG.md, found none; say what is new` : "",
  ].filter((obstacle) => obstacle !== "");
  if (obstacles.length > 0) throw new UsageError(obstacles.join("\n"));
  const [major, minor] = version.split(".");
  return {
    version,
    gitTag,
    imageTags: [version, `${major}.${minor}`, "latest"],
    notes,
    changelog: changelog.replace(heading, `${heading}\n\n## ${version} - ${date}`),
  };
}

function unreleased(changelog: string): string {
  const start = changelog.indexOf(`\n${heading}\n`);
  if (start === -1) throw new UsageError(`expected the heading "${heading}" in CHANGELOG.md, found none`);
  const rest = changelog.slice(start + heading.length + 2);
  const end = rest.search(/^## /m);
  const section = (end === -1 ? rest : rest.slice(0, end)).trim();
  // Headings alone say nothing.
  return /^[^#\s]/m.test(section) ? section : "";
}

const versionPattern = /^(\d+)\.(\d+)\.(\d+)$/;

function nextVersion(current: string, wanted: string | null, notes: string): string {
  if (wanted !== null && versionPattern.test(wanted)) return wanted;
  const [major, minor, patch] = partsOf(current);
  switch (wanted ?? (/^### (?:Added|Changed|Removed)/m.test(notes) ? "minor" : "patch")) {
    case "major":
      return `${major + 1}.0.0`;
    case "minor":
      return `${major}.${minor + 1}.0`;
    case "patch":
      return `${major}.${minor}.${patch + 1}`;
    default:
      throw new UsageError(
        `expected a version such as 1.2.3, or major, minor or patch, found ${JSON.stringify(wanted)}`,
      );
  }
}

function partsOf(version: string): [number, number, number] {
  const [, major, minor, patch] = versionPattern.exec(version) ?? [];
  if (patch === undefined) throw new UsageError(`expected a version such as 1.2.3, found ${version}`);
  return [Number(major), Number(minor), Number(patch)];
}

function isNewer(version: string, current: string): boolean {
  const [one, other] = [partsOf(version), partsOf(current)];
  const first = one.findIndex((part, index) => part !== other[index]);
  return first !== -1 && (one[first] ?? 0) > (other[first] ?? 0);
}
