// Finds the Docker Hub builds that a shell command starts: `dh-trigger`, or `curl` and `wget` with a trigger URL.
import { parseJson } from "../../../shared/validation/parse-json.ts";
import { shellCommands } from "./shell-commands.ts";

export type BuildCall = {
  /** `namespace/repo`, or null if the URL does not contain it, as current trigger URLs do not. */
  repository: string | null;
  target:
    | { kind: "all" }
    | { kind: "tag"; tag: string }
    | { kind: "source"; type: "branch" | "tag"; name: string }
    | { kind: "unknown" };
};

export function buildCalls(command: string): BuildCall[] {
  return shellCommands(command).flatMap((words) => {
    const at = words.findIndex((word) => /(?:^|\/)(?:dh-trigger|dht|curl|wget)$/.test(word));
    const program = words[at]?.split("/").at(-1);
    if (program === undefined) return [];
    const args = words.slice(at + 1);
    const call = program.startsWith("dh") ? readDhTrigger(args) : readRequest(args);
    return call === null ? [] : [call];
  });
}

/** `dh-trigger USER REPO`, or in later versions: `dh-trigger all|tag|git-branch|git-tag USER/REPO [NAME]`. */
function readDhTrigger([first = "", second = "", third]: readonly string[]): BuildCall | null {
  const name = third === undefined || /[$`]/.test(third) ? null : third;
  switch (first) {
    case "all":
      return { repository: second, target: { kind: "all" } };
    case "tag":
      return { repository: second, target: name === null ? { kind: "unknown" } : { kind: "tag", tag: name } };
    case "git-branch":
    case "git-tag": {
      const type = first === "git-tag" ? "tag" : "branch";
      return {
        repository: second,
        target: name === null ? { kind: "unknown" } : { kind: "source", type, name },
      };
    }
    case "add":
    case "remove":
    case "list":
      return null;
    default:
      return { repository: first.includes("/") ? first : `${first}/${second}`, target: { kind: "all" } };
  }
}

const bodyFlags = [
  ...["-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json"],
  ...["--post-data", "--body-data"],
];

function readRequest(args: readonly string[]): BuildCall | null {
  const urls = args
    .map((word) => /^(?:--url=)?(https?:\/\/.*)$/.exec(word)?.[1])
    .filter((url) => url !== undefined);
  const url = urls.find((candidate) =>
    /^https?:\/\/(?:[\w-]+\.)*docker\.(?:com|io)\/.*trigger/.test(candidate),
  );
  if (url === undefined) return null;
  const [, namespace, name] = /^https?:\/\/[^/]+\/u\/([^/]+)\/([^/]+)\/trigger(?:\/|$)/.exec(url) ?? [];
  const repository = namespace === undefined || name === undefined ? null : `${namespace}/${name}`;
  const body = args.flatMap((word, index) => {
    if (bodyFlags.includes(word)) return [args[index + 1] ?? ""];
    const flag = bodyFlags.find(
      (candidate) => candidate.startsWith("--") && word.startsWith(`${candidate}=`),
    );
    if (flag !== undefined) return [word.slice(flag.length + 1)];
    return /^-d./.test(word) ? [word.slice(2)] : [];
  });
  return { repository, target: body.length === 0 ? { kind: "all" } : readBody(body.join("&")) };
}

/** The body is JSON or a form. */
function readBody(body: string): BuildCall["target"] {
  const fields = body.trimStart().startsWith("{") ? jsonFields(body) : new Map(new URLSearchParams(body));
  const tag = fields?.get("docker_tag") ?? fields?.get("docker_tag_name");
  if (tag !== undefined) return /[$`]/.test(tag) ? { kind: "unknown" } : { kind: "tag", tag };
  const name = fields?.get("source_name");
  const type = fields?.get("source_type")?.toLowerCase();
  if (name !== undefined && (type === "branch" || type === "tag") && /^[\w./-]+$/.test(name)) {
    return { kind: "source", type, name };
  }
  return fields?.has("build") === true ? { kind: "all" } : { kind: "unknown" };
}

function jsonFields(body: string): Map<string, string> | null {
  const fields = parseJson(body);
  if (typeof fields !== "object" || fields === null) return null;
  return new Map(Object.entries(fields).map(([key, value]): [string, string] => [key, String(value)]));
}
