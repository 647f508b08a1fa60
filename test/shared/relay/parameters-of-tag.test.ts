import { expect, test } from "vitest";
import { parametersOfTag } from "../../../shared/relay/parameters-of-tag.ts";

const parameters = { version: null, flavor: null, sourceref: null };

test.each([
  ["v*", "v1.2.3", { version: "1.2.3", sourceref: "v1.2.3" }],
  ["v*", "1.2.3", null],
  ["v{version}", "v1.2.3", { version: "1.2.3", sourceref: "v1.2.3" }],
  ["{flavor}/v*", "slim/v2", { flavor: "slim", version: "2", sourceref: "slim/v2" }],
  ["{version}-*", "2-rc1", { version: "2", sourceref: "2-rc1" }],
  ["v1.0", "v1x0", null],
  ["v1.0", "v1.0", { sourceref: "v1.0" }],
  ["{version}+{version}", "2+2", { version: "2", sourceref: "2+2" }],
  ["{version}+{version}", "2+3", null],
])("the pattern %s gives the tag %s the parameters %j", (pattern, tag, expected) => {
  const source = {
    host: "github",
    repository: "a/b",
    branches: [],
    tags: ["never", pattern],
    paths: [],
  } as const;
  const copied = { ...source, branches: [], tags: [...source.tags], paths: [] };
  expect(parametersOfTag({ parameters, source: copied }, tag)).toEqual(expected);
});
