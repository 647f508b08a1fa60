import { describe, expect, test } from "vitest";
import { imageName } from "../../../shared/image/image.ts";
import { imageNameOf } from "../../../shared/pipeline/pipeline.ts";
import { withParameters } from "../../../shared/pipeline/with-parameters.ts";
import { compile, problemsOf } from "./compile-one.ts";

const http = (body: string) => ({ http: { url: "https://ci.example.org/build", body } });
const one = (step: object, more: object = {}) => ({ ...more, steps: { app: step } });

describe("parameters", () => {
  test("are filled into the tags of images, with the default of what has no value", () => {
    const pipeline = compile({
      image: "acme/x",
      parameters: { version: "1.0", flavor: "slim" },
      sequence: ["{version}", "{version}-{flavor}", "acme/y:latest"],
    });
    if (pipeline === undefined) throw new Error("expected a pipeline");
    const imagesOf = (values: Record<string, string>) =>
      withParameters(withParameters(pipeline, { version: "9" }), values).steps.map(imageNameOf);
    expect(imagesOf({})).toEqual(["acme/x:1.0", "acme/x:1.0-slim", "acme/y:latest"]);
    expect(imagesOf({ version: "2" })).toEqual(["acme/x:2", "acme/x:2-slim", "acme/y:latest"]);
  });

  test("that a trigger, a date or a pattern of the source's tags implies are there if they are used", () => {
    const source = { github: "acme/images", tags: ["v{version}", "v{version}-{flavor}"] };
    const image = "acme/app:{version}";
    expect(compile(one({ image }, { source }))?.parameters).toEqual({ version: null });
    const trigger = http("{sourceref} {date} {version}");
    expect(compile(one({ image, trigger }, { source }))?.parameters).toEqual({
      date: null,
      sourceref: null,
      version: null,
    });
    expect(compile(one({ image: "acme/app:1", trigger: http("{date}") }))?.parameters).toEqual({
      date: null,
    });
  });

  test.each([
    [
      one({ image: "acme/app:{verison}" }, { parameters: { version: "1" } }),
      'pipelines.p.steps.app.image: expected a parameter of the pipeline, found "{verison}"; these are: version',
    ],
    [
      one({ image: "acme/{version}:1" }, { parameters: { version: "1" } }),
      'pipelines.p.steps.app.image: expected parameters in the tag only, found "acme/{version}:1"',
    ],
    [
      one({ image: "acme/app:1" }, { parameters: { tag: "1" } }),
      'pipelines.p.parameters.tag: expected another name, found "tag", which is a placeholder already',
    ],
    [
      one({ image: "acme/app:1" }, { parameters: { version: 1.1 } }),
      "pipelines.p.parameters.version: expected text, found the number 1.1",
    ],
    [
      one({ image: "acme/app:{version}" }, { parameters: { version: null }, schedule: { every: "6h" } }),
      'pipelines.p.schedule: expected a default for parameter "version", which these runs are not given, found none; write it as version: "…"',
    ],
    [
      one({ image: "acme/app:{v}" }, { parameters: { v: null }, source: { github: "a/b", tags: "v*" } }),
      'pipelines.p.source.tags: expected a default for parameter "v", which these runs are not given, found none; write it as v: "…"',
    ],
  ])("with an error are rejected with the reason: %j", (pipeline, problem) => {
    expect(problemsOf(pipeline)).toEqual([problem]);
  });
});

describe("tags", () => {
  test("are of the step's own repository if they are only a tag", () => {
    const tags = ["stable", "ghcr.io/acme/app:{date}"];
    const [step] = compile(one({ image: "acme/app:latest", tags, trigger: http("{tags}") }))?.steps ?? [];
    expect(step?.tags.map(imageName)).toEqual(["acme/app:stable", "ghcr.io/acme/app:{date}"]);
  });

  test("need a trigger that gets them, and each belongs to one step", () => {
    const app = { image: "acme/app:latest", tags: "stable", trigger: http("{image}") };
    const expected = 'expected {tags} in the trigger of step "app", found';
    expect(problemsOf(one(app))).toEqual([`pipelines.p.steps.app.tags: ${expected} none`]);
    const trigger = { dockerhub: { secret: "A" } };
    expect(problemsOf(one({ ...app, trigger }))).toEqual([
      `pipelines.p.steps.app.tags: ${expected} dockerhub, whose builds push the tags of their build rules`,
    ]);
    const steps = { app: { ...app, trigger: http("{tags}") }, other: { image: "acme/app:stable", trigger } };
    expect(problemsOf({ steps })).toEqual([
      'pipelines.p.steps.app.tags: expected each tag once in a pipeline, found acme/app:stable twice (first of step "other")',
    ]);
  });

  test("of another repository cannot be promoted", () => {
    const app = { image: "acme/app:1", tags: "acme/other:1", trigger: http("{image}") };
    expect(problemsOf(one(app, { promote: "together" }))).toEqual([
      'pipelines.p.promote: expected tags of acme/app for step "app" with "promote: together", found acme/other:1; a tag is moved within its repository',
    ]);
  });
});
