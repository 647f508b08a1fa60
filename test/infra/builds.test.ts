// The projects of CodeBuild that `builds` asks for, and their rights, read from the synthesized template.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App, Stack, Validations } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { CfnConnection } from "aws-cdk-lib/aws-codeconnections";
import { Policy, PolicyStatement, Role } from "aws-cdk-lib/aws-iam";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TagrelayBuilds } from "../../infra/builds.ts";
import { Tagrelay } from "../../infra/tagrelay.ts";
import type { TagrelayProps } from "../../infra/tagrelay-props.ts";
import { compileConfig } from "../../shared/config/compile.ts";
import { readConfig } from "../../shared/config/read-config.ts";
import { type Folder, makeFolder, root } from "../stand-ins/program.ts";

const ecr = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
const connection = "arn:aws:codeconnections:eu-west-1:111122223333:connection/abc";
const secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:hub-AbCdEf";

const pipelines = {
  p: {
    trigger: { codebuild: { project: "images" } },
    timeout: "90m",
    steps: {
      base: { image: `${ecr}/acme/base:1`, upstream: `${ecr}/mirror/debian:12` },
      api: { image: "ghcr.io/acme/api:1", after: "base" },
      other: {
        image: `${ecr}/acme/other:1`,
        after: "api",
        trigger: { dockerhub: { secret: "OTHER" } },
        done: "pushed",
      },
    },
  },
};
const registries = {
  "ghcr.io": { login: { username: "bot", secret: "GHCR_TOKEN" } },
  "quay.io": { login: { username: "bot", secret: "QUAY_TOKEN" } },
};
const machine = { type: "LINUX_CONTAINER", computeType: "BUILD_GENERAL1_MEDIUM", privilegedMode: true };
const github = { source: { github: "acme/images", connection, branch: "release" } };

let folder: Folder;
let apps = 0;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

const configOf = (project: object) =>
  compileConfig({ pipelines, registries, codebuild: { images: project } });

function create(props: TagrelayProps) {
  apps += 1;
  const app = new App({ outdir: join(folder.data, String(apps)) });
  const stack = new Stack(app, "Images");
  const tagrelay = new Tagrelay(stack, "Tagrelay", props);
  return {
    app,
    tagrelay,
    get template() {
      return Template.fromStack(stack);
    },
  };
}

function projectsOf(template: Template) {
  const found = Object.values(template.findResources("AWS::CodeBuild::Project"));
  return new Map(found.map(({ Properties }) => [String(Properties.Name), Properties]));
}

type Variable = { Name: string; Value: string; Type: string };

function variablesOf(project: { Environment?: { EnvironmentVariables: Variable[] } } | undefined) {
  const variables = project?.Environment?.EnvironmentVariables ?? [];
  return new Map(variables.map(({ Name, ...variable }) => [Name, variable]));
}

/** The statements of the role of a project, as `action on the ends of ARNs`. */
function rightsOf(template: Template, project: { ServiceRole: { "Fn::GetAtt": string[] } } | undefined) {
  const role = project?.ServiceRole["Fn::GetAtt"][0];
  const policies = Object.values(template.findResources("AWS::IAM::Policy")).filter(
    ({ Properties }) => Properties.Roles[0].Ref === role,
  );
  return policies.flatMap(({ Properties }) =>
    Properties.PolicyDocument.Statement.map(
      ({ Action, Resource }: { Action: unknown; Resource: unknown }) =>
        `${[Action].flat().join(" ")} on ${[Resource].flat().map(endOf).join(" ")}`,
    ),
  );
}

function endOf(resource: unknown): string {
  if (typeof resource === "string") return resource;
  const text = JSON.stringify(resource);
  const [, end] = /:([^":]*)"\]\]\}$/.exec(text) ?? [];
  return end ?? (text.includes("GetAtt") ? "log group" : text);
}

describe("a repository at GitHub for both platforms", () => {
  test("has a project for each platform, privileged, on a machine of its kind, with the same source and buildspec", () => {
    const projects = projectsOf(create({ config: configOf(github) }).template);
    expect([...projects.keys()]).toEqual(["images", "images-arm64"]);
    const [own, helper] = [projects.get("images"), projects.get("images-arm64")];
    expect(own).toMatchObject({
      SourceVersion: "release",
      Source: {
        Type: "GITHUB",
        Location: "https://github.com/acme/images.git",
        Auth: { Type: "CODECONNECTIONS", Resource: connection },
        BuildSpec: expect.stringContaining("docker buildx imagetools create"),
      },
      TimeoutInMinutes: 90,
      Environment: {
        Type: "LINUX_CONTAINER",
        PrivilegedMode: true,
        Image: expect.stringContaining("x86_64"),
      },
    });
    expect(helper).toMatchObject({
      Source: own?.Source,
      SourceVersion: "release",
      Environment: { Type: "ARM_CONTAINER", PrivilegedMode: true, Image: expect.stringContaining("aarch64") },
    });
    expect(variablesOf(own).get("TAGRELAY_HELPER")).toEqual({ Value: "images-arm64", Type: "PLAINTEXT" });
    expect(variablesOf(own).get("TAGRELAY_HELPER_PLATFORM")?.Value).toBe("linux/arm64");
    expect(variablesOf(helper).has("TAGRELAY_HELPER")).toBe(false);
  });

  test("has logins for the registries of its images alone, and the template has only the names of their secrets", () => {
    const variables = variablesOf(projectsOf(create({ config: configOf(github) }).template).get("images"));
    expect(variables.get("TAGRELAY_LOGINS")?.Value).toBe(`${ecr}\nghcr.io bot TAGRELAY_PASSWORD_1`);
    expect(variables.get("TAGRELAY_PASSWORD_1")).toEqual({
      Value: "/Images/GHCR_TOKEN",
      Type: "PARAMETER_STORE",
    });
    expect(variables.has("TAGRELAY_PASSWORD_2")).toBe(false);
  });

  test("gives its roles the rights that a build needs, and no others", () => {
    const { template } = create({ config: configOf(github) });
    const projects = projectsOf(template);
    const common = [
      "logs:CreateLogStream logs:PutLogEvents on log group",
      `codeconnections:GetConnection codeconnections:GetConnectionToken codeconnections:UseConnection on ${connection}`,
      "ssm:GetParameters on parameter/Images/GHCR_TOKEN",
      "ecr:GetAuthorizationToken on *",
      "ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetDownloadUrlForLayer on repository/acme/base repository/mirror/debian",
      "ecr:InitiateLayerUpload ecr:UploadLayerPart ecr:CompleteLayerUpload ecr:PutImage on repository/acme/base",
    ];
    expect(rightsOf(template, projects.get("images"))).toEqual([
      ...common,
      "codebuild:BatchGetBuilds codebuild:StartBuild codebuild:StopBuild on project/images-arm64",
    ]);
    expect(rightsOf(template, projects.get("images-arm64"))).toEqual([
      ...common,
      "codebuild:BatchGetBuilds on project/images",
    ]);
  });

  const nagged = (change: (builds: TagrelayBuilds) => void = () => undefined) => {
    const { app, tagrelay } = create({ config: configOf(github) });
    change(tagrelay.builds);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    try {
      app.synth();
    } catch {
      // It says the same as the report.
    }
    return readFileSync(join(app.outdir, "validation-report.json"), "utf8");
  };

  test("cdk-nag finds nothing in it", () => {
    expect(JSON.parse(nagged()).pluginReports).toEqual([]);
  });

  test("cdk-nag would find a role with too many rights, and an image that AWS does not provide", () => {
    const wildcard = nagged(
      ({ node }) =>
        new Policy(node.scope ?? node.root, "Wildcard", {
          roles: [node.findChild("images").node.findChild("Role")].filter((role) => role instanceof Role),
          statements: [new PolicyStatement({ actions: ["s3:*"], resources: ["arn:aws:s3:::acme-sources"] })],
        }),
    );
    expect(wildcard).toContain("AwsSolutions-IAM5[Action::s3:*]");
    const foreign = nagged(({ projects }) => {
      const project = projects.get("images");
      if (project === undefined) throw new Error("expected the project");
      project.environment = { ...machine, image: "docker.io/acme/builder:1" };
    });
    expect(foreign).toContain("AwsSolutions-CB5");
  });
});

test("an object in S3 is the source, and may be read", () => {
  const project = { source: { s3: "acme-sources/dir/images.zip" }, platforms: ["linux/arm64"] };
  const { template } = create({ config: configOf(project) });
  const projects = projectsOf(template);
  expect([...projects.keys()]).toEqual(["images"]);
  expect(projects.get("images")).toMatchObject({
    Source: { Type: "S3", Location: "acme-sources/dir/images.zip" },
    Environment: { Type: "ARM_CONTAINER" },
  });
  const rights = rightsOf(template, projects.get("images"));
  expect(rights[1]).toMatch(/^s3:GetObject s3:GetObjectVersion on acme-sources\/dir\/images\.zip$/);
  expect(rights.join()).not.toContain("codebuild:");
});

test("a password may be in Secrets Manager, under a key", () => {
  const logins = { "ghcr.io": { username: "bot", secretsManager: `${secret}:token` } };
  const { template } = create({ config: configOf({ ...github, logins }) });
  const project = projectsOf(template).get("images");
  expect(variablesOf(project).get("TAGRELAY_PASSWORD_1")).toEqual({
    Value: `${secret}:token`,
    Type: "SECRETS_MANAGER",
  });
  expect(rightsOf(template, project)).toContain(`secretsmanager:GetSecretValue on ${secret}`);
});

test("a public repository needs no connection, and a buildspec of one's own is named", () => {
  const config = configOf({ source: { github: "acme/images" }, buildspec: "ci/buildspec.yml" });
  const source = projectsOf(create({ config }).template).get("images")?.Source;
  expect(source.Auth).toBeUndefined();
  expect(source.BuildSpec).toBe("ci/buildspec.yml");
});

test("the prop may name a connection of the same app", () => {
  const app = new App({ outdir: join(folder.data, "connection") });
  const stack = new Stack(app, "Images");
  const own = new CfnConnection(stack, "Connection", { connectionName: "own", providerType: "GitHub" });
  const { builds } = new Tagrelay(stack, "Tagrelay", {
    config: compileConfig({ pipelines }),
    builds: {
      codebuild: { images: { source: { github: "acme/images", connection: own.attrConnectionArn } } },
    },
  });
  expect([...builds.projects.keys()]).toEqual(["images", "images-arm64"]);
  const auth = projectsOf(Template.fromStack(stack)).get("images")?.Source.Auth;
  expect(auth.Resource).toEqual({ "Fn::GetAtt": [expect.stringContaining("Connection"), "ConnectionArn"] });
});

test("the example makes its projects", () => {
  const config = readConfig(join(root, "examples/codebuild/tagrelay.yaml"));
  expect([...create({ config }).tagrelay.builds.projects.keys()]).toEqual([
    "acme-images",
    "acme-images-arm64",
  ]);
});

describe("errors", () => {
  const errorOf = (builds: object) => {
    try {
      compileConfig({ pipelines, codebuild: builds });
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
    return "no error";
  };

  test("name a project that no trigger names", () => {
    expect(errorOf({ image: { source: { github: "acme/images" } } })).toContain(
      "codebuild.image: expected a trigger such as { codebuild: { project: image } }, found only images",
    );
  });

  test("name a login without a secret, and one with two", () => {
    for (const more of [{}, { secret: "A", secretsManager: secret }]) {
      const logins = { "ghcr.io": { username: "bot", ...more } };
      expect(errorOf({ images: { source: { github: "acme/images" }, logins } })).toContain(
        "expected either `secret` or `secretsManager`",
      );
    }
  });

  test("say which sources there are", () => {
    expect(errorOf({ images: { source: "acme/images" } })).toContain(
      'expected a source such as { github: acme/images } or { s3: bucket/images.zip }, found "acme/images"',
    );
  });
});
