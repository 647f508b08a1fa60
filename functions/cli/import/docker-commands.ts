// Finds the images that shell commands build: `docker build`, `docker buildx build`, `podman build`, `buildah bud`.
import { posix } from "node:path";
import type { ContextBuild } from "./context-builds.ts";
import { closeImages, isOpen, showOpen } from "./open-text.ts";
import { shellCommands } from "./shell-commands.ts";

export type DockerCommand = Omit<ContextBuild, "label" | "images"> & {
  /** As written, with open parts. */
  tags: readonly string[];
};

/** Flags that take the next word. */
const withValue = new Set(
  `-t --tag -f --file --build-arg --target --platform --build-context --label -o --output --cache-from --cache-to
   --secret --ssh --network --progress --add-host --cpu-shares -c -m --memory --shm-size --iidfile --metadata-file
   --builder --attest --annotation --isolation --ulimit --cgroup-parent --cpuset-cpus --cpuset-mems --allow --format
   --storage-driver --arch --os --variant --authfile --creds --layers --security-opt --call -v --volume --jobs`.split(
    /\s+/,
  ),
);

/** `folder` is where the script runs, from the folder that is imported. */
export function dockerCommands(script: string, folder: string): DockerCommand[] {
  const found: DockerCommand[] = [];
  for (const line of script.replace(/\\\r?\n/g, " ").split(/\r?\n/)) {
    let current = folder;
    for (const words of shellCommands(line.replace(/^\s*[@+-]+\s*/, ""))) {
      const plain = words.slice(words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word)));
      if (plain[0] === "cd" || plain[0] === "pushd") current = posix.join(current, plain[1] ?? ".");
      const args = buildArguments(plain);
      const build = args === null ? null : readArguments(args, current);
      if (build !== null) found.push(build);
    }
  }
  return found;
}

function buildArguments(words: readonly string[]): string[] | null {
  const at = words.findIndex((word) =>
    /(?:^|\/)(?:docker|podman|nerdctl|buildah)$/.test(word.replace(/^@+/, "")),
  );
  if (at === -1 || /^@?(?:echo|printf)$/.test(words[0] ?? "")) return null;
  const rest = words.slice(at + 1);
  const verb = rest.findIndex((word) => /^(?:build|bud)$/.test(word));
  const isBuild = verb !== -1 && rest.slice(0, verb).every((word) => /^(?:buildx|image|-.*)$/.test(word));
  return isBuild ? rest.slice(verb + 1) : null;
}

function readArguments(words: readonly string[], folder: string): DockerCommand | null {
  const flags = new Map<string, string[]>();
  const others: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const [, name = "", value] = /^(--?[\w-]+)(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (name === "") others.push(word);
    else if (value !== undefined) push(flags, name, value);
    else if (withValue.has(name)) {
      at += 1;
      push(flags, name, words[at] ?? "");
    }
  }
  // Redirections and what follows the context are no part of it; an open part may hold further flags.
  const context =
    others.find((word) => word !== "" && !/^[<>]/.test(word) && !/^\uE000[^\uE001]*\uE001$/.test(word)) ??
    others.at(-1);
  if (context === undefined || context === "-") return null;
  const all = (...names: string[]) => names.flatMap((name) => flags.get(name) ?? []);
  const isUrl = /^\w+:\/\//.test(context);
  const inner = isUrl ? context : posix.join(folder, context);
  const [file] = all("-f", "--file");
  return {
    tags: all("-t", "--tag"),
    context: inner,
    path: file === undefined ? posix.join(inner, "Dockerfile") : posix.join(folder, file),
    inline: null,
    target: all("--target").at(-1) ?? null,
    args: pairs(all("--build-arg")),
    contexts: pairs(all("--build-context")),
    platforms: all("--platform")
      .flatMap((list) => list.split(","))
      .filter((name) => !isOpen(name) && name !== ""),
  };
}

function push(flags: Map<string, string[]>, name: string, value: string): void {
  flags.set(name, [...(flags.get(name) ?? []), value]);
}

/** An argument whose value is not known keeps the default of the Dockerfile. */
export function pairs(texts: readonly string[]): Map<string, string> {
  return new Map(
    texts.flatMap((text): [string, string][] => {
      const at = text.indexOf("=");
      const isKnown = at > 0 && !isOpen(text);
      return isKnown ? [[text.slice(0, at), text.slice(at + 1).replace(/^(["'])(.*)\1$/, "$2")]] : [];
    }),
  );
}

export function toBuild({ tags, ...rest }: DockerCommand, label: string): ContextBuild {
  return {
    ...rest,
    label,
    images: closeImages(tags),
    target: rest.target === null ? null : showOpen(rest.target),
  };
}
