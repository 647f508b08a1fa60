// Writes the trigger that dispatches a workflow of GitHub, and that workflow.
import { Document } from "yaml";
import { dockerHub, splitRepository } from "../../../../shared/image/image.ts";
import type { ImportedStep } from "../imported.ts";
import type { BuildSettings } from "./build-settings.ts";

type Trigger = NonNullable<ImportedStep["trigger"]>;

export function githubTrigger(settings: BuildSettings, repository: string, workflow: string): Trigger {
  const { context, file, target, args, platforms, contexts } = settings;
  const inputs: Record<string, string> = {
    image: "{image}",
    context,
    file,
    ...(target === null ? {} : { target }),
    ...(args.length === 0 ? {} : { "build-args": args.join("\n") }),
    ...(contexts.length === 0 ? {} : { "build-contexts": contexts.join("\n") }),
    ...(platforms.length === 0 ? {} : { platforms: platforms.join(",") }),
    run: "{run}",
    step: "{step}",
    pins: "{pins}",
  };
  return { github: { repository, workflow, inputs, secret: "GITHUB_TOKEN" } };
}

const text = (description: string, more: object) => ({ description, ...more, type: "string" });
const optional = (description: string) => text(description, { default: "" });
const required = (description: string) => text(description, { required: true });
const expression = (inner: string) => `\${{ ${inner} }}`;

/** One workflow builds every image: what differs are its inputs. */
export function githubWorkflow(images: readonly string[]): string {
  const hosts = [...new Set(images.map((image) => splitRepository(image).host))];
  const document = new Document({
    name: "image",
    "run-name": `${expression("inputs.image")} for ${expression("inputs.run")} ${expression("inputs.step")}`,
    on: {
      workflow_dispatch: {
        inputs: {
          image: required("The image to push, such as acme/base:latest"),
          context: required("Its build context"),
          file: required("Its Dockerfile"),
          target: optional("The stage to build"),
          "build-args": optional("Build arguments, one a line"),
          "build-contexts": optional("Named contexts, one a line"),
          platforms: optional("Platforms, such as linux/amd64,linux/arm64"),
          run: text("Tagrelay's run", { default: "a run by hand" }),
          step: optional("Tagrelay's step"),
          pins: optional("The bases of this run, as build contexts"),
        },
      },
    },
    permissions: { contents: "read", ...(hosts.includes("ghcr.io") ? { packages: "write" } : {}) },
    concurrency: { group: expression("inputs.image") },
    jobs: { image: { "runs-on": "ubuntu-latest", "timeout-minutes": 120, steps: stepsFor(hosts) } },
  });
  document.commentBefore =
    " Builds and pushes one image. Written by tagrelay import; its trigger passes the inputs.";
  return document.toString({ lineWidth: 0 });
}

function stepsFor(hosts: readonly string[]): object[] {
  return [
    { uses: "actions/checkout@v6" },
    { if: "inputs.platforms != ''", uses: "docker/setup-qemu-action@v4" },
    { uses: "docker/setup-buildx-action@v4" },
    ...hosts.map((host) => ({
      ...(hosts.length === 1
        ? {}
        : {
            if: `startsWith(inputs.image, '${host}/')${host === dockerHub ? " || !contains(inputs.image, '.')" : ""}`,
          }),
      uses: "docker/login-action@v4",
      with: loginAt(host),
    })),
    {
      uses: "docker/build-push-action@v7",
      with: {
        context: expression("inputs.context"),
        file: expression("inputs.file"),
        target: expression("inputs.target"),
        "build-args": expression("inputs.build-args"),
        "build-contexts": `${expression("inputs.build-contexts")}\n${expression("inputs.pins")}\n`,
        platforms: expression("inputs.platforms"),
        pull: true,
        push: true,
        tags: expression("inputs.image"),
      },
    },
  ];
}

function loginAt(host: string): object {
  if (host === dockerHub) {
    return {
      username: expression("vars.DOCKERHUB_USERNAME"),
      password: expression("secrets.DOCKERHUB_TOKEN"),
    };
  }
  if (host === "ghcr.io") {
    return {
      registry: host,
      username: expression("github.actor"),
      password: expression("secrets.GITHUB_TOKEN"),
    };
  }
  return {
    registry: host,
    username: expression("vars.REGISTRY_USERNAME"),
    password: expression("secrets.REGISTRY_PASSWORD"),
  };
}
