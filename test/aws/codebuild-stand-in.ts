// A stand-in for CodeBuild: starts builds, and tells what a test says of them.

export type StandInBuild = {
  id: string;
  project: string;
  token: string;
  status: string;
  variables: ReadonlyMap<string, string>;
};

export type CodebuildStandIn = {
  builds: StandInBuild[];
  /** The event by which EventBridge reports that the build has this status now. */
  end: (build: StandInBuild, status: string) => object;
  answer: (operation: string, request: object) => { status: number; body: object };
};

type Variable = { name: string; value: string };
type Request = {
  projectName?: string;
  idempotencyToken?: string;
  environmentVariablesOverride?: Variable[];
  ids?: string[];
};

const arnOf = (id: string) => `arn:aws:codebuild:eu-west-1:123456789012:build/${id}`;

export function createCodebuildStandIn(): CodebuildStandIn {
  const builds: StandInBuild[] = [];

  const start = (request: Request) => {
    const { projectName: project = "", idempotencyToken: token = "" } = request;
    const known = builds.find((build) => build.token === token);
    if (known !== undefined) return known;
    const variables = new Map(request.environmentVariablesOverride?.map(({ name, value }) => [name, value]));
    const build = { id: `${project}:${builds.length + 1}`, project, token, status: "IN_PROGRESS", variables };
    builds.push(build);
    return build;
  };

  return {
    builds,
    end: (build, status) => {
      build.status = status;
      return eventOf(build);
    },
    answer: (operation, request: Request) => {
      if (operation === "StartBuild") {
        const { id } = start(request);
        return { status: 200, body: { build: { id, arn: arnOf(id) } } };
      }
      if (operation === "BatchGetBuilds") {
        const found = builds.filter(({ id }) => request.ids?.includes(id));
        return { status: 200, body: { builds: found.map(describe) } };
      }
      return { status: 400, body: { __type: "InvalidInputException" } };
    },
  };
}

function describe({ id, project, status }: StandInBuild) {
  const phases = [{ phaseType: "BUILD", phaseStatus: status === "IN_PROGRESS" ? undefined : status }];
  return { id, arn: arnOf(id), projectName: project, buildStatus: status, phases };
}

/** As in AWS's documentation, without what only its console needs. */
function eventOf({ id, project, status, variables }: StandInBuild) {
  return {
    version: "0",
    id: "c030038d-8c4d-6141-9545-00ff7b7153EX",
    "detail-type": "CodeBuild Build State Change",
    source: "aws.codebuild",
    account: "123456789012",
    time: new Date().toISOString(),
    region: "eu-west-1",
    resources: [arnOf(id)],
    detail: {
      "build-status": status,
      "project-name": project,
      "build-id": arnOf(id),
      "additional-information": {
        environment: {
          "environment-variables": [...variables].map(([name, value]) => ({
            name,
            type: "PLAINTEXT",
            value,
          })),
        },
        "build-complete": true,
        phases: [{ "phase-type": "BUILD", "phase-status": status, "phase-context": [": "] }],
      },
      "current-phase": "COMPLETED",
      "current-phase-context": "[]",
      version: "1",
    },
  };
}
