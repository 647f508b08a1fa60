// Writes the workflow that builds an image on GitHub: each platform on a runner of its own, then one index of them.
import { Document } from "yaml";
import { dockerHub, splitRepository } from "../../../../shared/image/image.ts";
import * as scripts from "./github-scripts.ts";
import { afterBuild, beforeBuild, buildHook, type HubUse, hubInputs, secretArgs } from "./hub-steps.ts";

export const expression = (inner: string) => `\${{ ${inner} }}`;
const text = (description: string, more: object) => ({ description, ...more, type: "string" });
const optional = (description: string) => text(description, { default: "" });
const required = (description: string) => text(description, { required: true });

/** One workflow builds every image: what differs are its inputs. `hub` is what images from Docker Hub's builds need. */
export function githubWorkflow(images: readonly string[], command = "import", hub: HubUse | null = null) {
  const hosts = [...new Set(images.map((image) => splitRepository(image).host))];
  const inputs = { ...ownInputs, ...(hub === null ? {} : hubInputs(optional)) };
  const document = new Document(
    {
      name: "image",
      "run-name": `${expression("inputs.image")} for ${expression("inputs.run")} ${expression("inputs.step")}`,
      on: { workflow_dispatch: { inputs }, ...(hub?.isCalled === true ? { workflow_call: { inputs } } : {}) },
      permissions: {
        contents: "read",
        ...(hosts.includes("ghcr.io") ? { packages: "write" } : {}),
        ...(hosts.includes(dockerHub) ? { "id-token": "write" } : {}),
      },
      concurrency: { group: expression("inputs.image") },
      defaults: { run: { shell: "bash" } },
      jobs: { plan, build: buildJob(hosts, hub), index: indexJob(hosts, hub) },
    },
    { aliasDuplicateObjects: false },
  );
  document.commentBefore = [
    ` Builds and pushes one image. Written by tagrelay ${command}; its trigger passes the inputs.`,
    ...(hosts.includes(dockerHub) ? [oidcComment] : []),
  ].join("\n");
  return document.toString({ lineWidth: 0 });
}

const oidcComment =
  " Docker Hub: set the variable DOCKERHUB_USERNAME and the secret DOCKERHUB_TOKEN. An organisation with an OIDC connection\n" +
  " needs no token: set the variable DOCKERHUB_OIDC_CONNECTIONID instead, and its name as DOCKERHUB_USERNAME.";

const ownInputs = {
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
};

const plan = {
  "runs-on": "ubuntu-24.04",
  "timeout-minutes": 5,
  outputs: Object.fromEntries(
    ["repository", "key", "builds"].map((name) => [name, expression(`steps.plan.outputs.${name}`)]),
  ),
  steps: [
    {
      name: "Choose a runner for each platform",
      id: "plan",
      env: { IMAGE: expression("inputs.image"), PLATFORMS: expression("inputs.platforms") },
      run: scripts.planScript,
    },
  ],
};

const digests = `${expression("runner.temp")}/digests`;
/** Kept from one job to the other. */
const artifact = `digest.${expression("needs.plan.outputs.key")}`;

function buildJob(hosts: readonly string[], hub: HubUse | null): object {
  const digest =
    hub === null ? "steps.build.outputs.digest" : "steps.build.outputs.digest || steps.hook.outputs.digest";
  return {
    needs: "plan",
    strategy: { matrix: { build: expression("fromJSON(needs.plan.outputs.builds)") } },
    "runs-on": expression("matrix.build.runner"),
    "timeout-minutes": 240,
    steps: [
      {
        uses: "actions/checkout@v6",
        ...(hub === null ? {} : { with: { ref: expression("inputs.source") } }),
      },
      { if: "matrix.build.emulated", uses: "docker/setup-qemu-action@v4" },
      { uses: "docker/setup-buildx-action@v4" },
      ...loginSteps(hosts),
      ...(hub === null ? [] : beforeBuild(hub)),
      {
        id: "build",
        ...(hub === null ? {} : { if: "!contains(format(' {0} ', inputs.hooks), ' build ')" }),
        uses: "docker/build-push-action@v7",
        with: buildInputs(hub),
      },
      ...(hub === null ? [] : [buildHook(hub), afterBuild(hub, expression(digest))]),
      ...keepSteps(expression(digest)),
    ],
  };
}

function keepSteps(digest: string): object[] {
  return [
    {
      name: "Keep the digest",
      env: { DIGEST: digest, DIGESTS: digests },
      run: scripts.keepScript,
    },
    {
      uses: "actions/upload-artifact@v7",
      with: {
        name: `${artifact}.${expression("matrix.build.name")}`,
        path: `${digests}/*`,
        "if-no-files-found": "error",
        "retention-days": 1,
      },
    },
  ];
}

/** Without a tag: only the index gets one, when all platforms are built. */
function buildInputs(hub: HubUse | null): object {
  return {
    context: expression("inputs.context"),
    file: expression("inputs.file"),
    target: expression("inputs.target"),
    "build-args": `${expression("inputs.build-args")}\n${hub === null ? "" : secretArgs(hub)}`,
    "build-contexts": `${expression("inputs.build-contexts")}\n${expression("inputs.pins")}\n`,
    platforms: expression("matrix.build.platform"),
    pull: true,
    outputs: `type=image,name=${expression("needs.plan.outputs.repository")},push-by-digest=true,name-canonical=true,push=true`,
    // The larger one has the build arguments.
    provenance: hub !== null && hub.secrets.length > 0 ? "mode=min" : "mode=max",
  };
}

function indexJob(hosts: readonly string[], hub: HubUse | null): object {
  const image = {
    IMAGE: expression("inputs.image"),
    REPOSITORY: expression("needs.plan.outputs.repository"),
    TAGS: hub === null ? "" : expression("inputs.tags"),
    DIGESTS: digests,
  };
  return {
    needs: ["plan", "build"],
    "runs-on": "ubuntu-24.04",
    "timeout-minutes": 30,
    steps: [
      ...(hub === null
        ? []
        : [
            {
              if: "inputs.hooks != ''",
              uses: "actions/checkout@v6",
              with: { ref: expression("inputs.source") },
            },
          ]),
      {
        uses: "actions/download-artifact@v7",
        with: { pattern: `${artifact}.*`, path: digests, "merge-multiple": true },
      },
      { uses: "docker/setup-buildx-action@v4" },
      ...loginSteps(hosts),
      { name: "Point the tags to an index of the platforms", env: image, run: scripts.indexScript },
      ...(hub === null ? [] : beforeBuild(hub, true)),
    ],
  };
}

function loginSteps(hosts: readonly string[]): object[] {
  return hosts.map((host) => ({
    ...(hosts.length === 1
      ? {}
      : {
          if: `startsWith(inputs.image, '${host}/')${host === dockerHub ? " || !contains(inputs.image, '.')" : ""}`,
        }),
    uses: "docker/login-action@v4",
    ...loginAt(host),
  }));
}

function loginAt(host: string): object {
  if (host === dockerHub) {
    return {
      env: { DOCKERHUB_OIDC_CONNECTIONID: expression("vars.DOCKERHUB_OIDC_CONNECTIONID") },
      with: {
        username: expression("vars.DOCKERHUB_USERNAME"),
        password: expression("secrets.DOCKERHUB_TOKEN"),
      },
    };
  }
  const isGithub = host === "ghcr.io";
  return {
    with: {
      registry: host,
      username: expression(isGithub ? "github.actor" : "vars.REGISTRY_USERNAME"),
      password: expression(isGithub ? "secrets.GITHUB_TOKEN" : "secrets.REGISTRY_PASSWORD"),
    },
  };
}
