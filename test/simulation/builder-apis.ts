// The builders' APIs, as their documentation describes them: what they read from a trigger and how they answer it.
import type { Answer, Outgoing } from "../../shared/outgoing/send.ts";
import type { Random } from "../random.ts";
import type { Answered } from "./answers.ts";
import type { Faults } from "./faults.ts";
import { machineHost } from "./random-triggers.ts";

/** The requested build. A trigger for Docker Hub does not name the run. */
export type RequestedBuild = {
  image: string;
  runId: string;
  step: string;
  attempt: number;
  /** The image that it comes after, with its digest if that is known. */
  base: string | null;
};

export type BuilderApi = {
  name: string;
  /** Null if the request is not for this API. */
  read: (outgoing: Outgoing) => RequestedBuild | null;
  /** An answer that rejects the build; null to accept it. */
  refuse: (isPending: boolean) => Answer | null;
  accept: () => Answer;
  /** A trigger is ignored while a build of the same image is pending. */
  ignoresWhilePending: boolean;
  /** `decisiveEnds`: a push does not complete the step, only the report does. */
  reports: "nothing" | "ends" | "decisiveEnds";
};

export function createBuilderApis(
  faults: Faults,
  random: Random,
  answered: Answered,
  now: () => number,
): BuilderApi[] {
  const throttle = () => {
    if (faults.happens("trigger is throttled")) return answered(429);
    if (faults.happens("trigger is throttled with Retry-After"))
      return answered(429, "", { "retry-after": "90" });
    return faults.happens("trigger is refused") ? answered(random.pick([500, 502, 503])) : null;
  };
  const reject = (statuses: readonly [number, ...number[]]) =>
    faults.happens("trigger is rejected") ? answered(random.pick(statuses)) : null;

  const dockerhub: BuilderApi = {
    name: "Docker Hub",
    read: ({ method, url, body }) => {
      const trigger = /^\/u\/(.+)\/trigger\/[^/]+\/$/.exec(new URL(url).pathname);
      if (method !== "POST" || trigger === null) return null;
      return {
        image: `${trigger[1]}:${JSON.parse(body ?? "{}").docker_tag}`,
        runId: "",
        step: "",
        attempt: 0,
        base: null,
      };
    },
    refuse: (isPending) => {
      if (faults.happens("trigger is redirected")) return answered(301);
      if (faults.happens("trigger is ignored with a message"))
        return answered(200, "Ignored, build throttle");
      return (
        throttle() ?? (isPending ? answered(200, "A build is already pending. Ignoring request.") : null)
      );
    },
    accept: () => answered(202),
    ignoresWhilePending: true,
    reports: "nothing",
  };

  const rateLimit = () => {
    if (faults.happens("GitHub's rate limit is used up")) {
      const reset = String(Math.ceil(now() / 1000) + random.integer(1, 3_000));
      return answered(403, "", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset });
    }
    return faults.happens("GitHub's secondary rate limit")
      ? answered(403, "", { "x-ratelimit-remaining": "4000", "retry-after": "60" })
      : null;
  };
  const github: BuilderApi = {
    name: "GitHub",
    read: ({ url, body }) => {
      if (new URL(url).host !== "api.github.com") return null;
      const { inputs, client_payload } = JSON.parse(body ?? "{}");
      return readBuild(inputs ?? client_payload);
    },
    refuse: () => rateLimit() ?? reject([401, 403, 404, 422]) ?? throttle(),
    accept: () => (random.chance(0.5) ? answered(204) : answered(200, '{"workflow_run_id":7}')),
    ignoresWhilePending: false,
    reports: "ends",
  };

  const gitlab: BuilderApi = {
    name: "GitLab",
    read: ({ url, body }) => {
      if (new URL(url).host !== "gitlab.com") return null;
      const form = new URLSearchParams(body);
      return readBuild({ image: form.get("variables[IMAGE]"), build: form.get("variables[BUILD]") });
    },
    refuse: () => {
      if (faults.happens("GitLab creates too many pipelines")) {
        return answered(
          400,
          '{"message":{"base":["Too many pipelines created in the last minute. Try again"]}}',
        );
      }
      return reject([400, 401, 403, 404]) ?? throttle();
    },
    accept: () => answered(201, '{"id":7}'),
    ignoresWhilePending: false,
    reports: "ends",
  };

  const anyHost = (name: string, host: string, reports: BuilderApi["reports"]): BuilderApi => ({
    name,
    read: ({ url, body }) => (new URL(url).host === host ? readBuild(JSON.parse(body ?? "{}")) : null),
    refuse: () => reject([302, 400, 404, 410, 499]) ?? throttle(),
    accept: () => answered(random.pick([200, 201, 202, 204])),
    ignoresWhilePending: false,
    reports,
  });

  return [
    dockerhub,
    github,
    gitlab,
    anyHost("any host", "ci.example.org", "nothing"),
    anyHost("the machine", machineHost, "decisiveEnds"),
  ];
}

function readBuild({ image, build }: { image: string | null; build: string | null }): RequestedBuild {
  const [runId = "", step = "", attempt = "", base = ""] = (build ?? "").split(" ");
  return { image: image ?? "", runId, step, attempt: Number(attempt), base: base === "" ? null : base };
}
