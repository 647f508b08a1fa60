// The local checkouts that --source names, and the files of all of them as one tree.
import { statSync } from "node:fs";
import { posix } from "node:path";
import { CliError, exitCodes } from "../cli-error.ts";
import { viewFolder } from "../import/disk-view.ts";
import type { FilesView } from "../import/files-view.ts";
import { quote } from "../import/imported.ts";
import { remoteOf } from "../import/workflow/github-context.ts";
import type { Io } from "../io.ts";
import { defaultBranch } from "./git-view.ts";
import type { HubSource } from "./hub-source.ts";

export type Checkout = {
  /** As --source names it, in lower case: a repository with Dockerfiles, or one of Docker Hub. Null without a name. */
  name: string | null;
  /** As --source names it. */
  shown: string;
  folder: string;
  /** `owner/name` of its remote; null without one. */
  remote: string | null;
  /** The branch that workflows are dispatched on. */
  defaultBranch: string;
};

export function readCheckouts(io: Io, texts: readonly string[]): Checkout[] {
  return texts.map((text) => {
    const [, name = null, shown = text] = /^([\w.-]+\/[\w.-]+)=(.+)$/.exec(text) ?? [];
    const folder = io.resolvePath(shown);
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new CliError(
        exitCodes.usageError,
        `expected a repository and the folder of its checkout after --source, such as acme/base=./base, found ${quote(text)}, which is no folder`,
      );
    }
    return {
      name: name?.toLowerCase() ?? null,
      shown,
      folder,
      remote: remoteOf(viewFolder(folder)),
      defaultBranch: defaultBranch(folder),
    };
  });
}

/** The name of the source counts first, then that of the image, then the remote. */
export function checkoutOf(checkouts: readonly Checkout[], source: HubSource): Checkout | null {
  const names = [source.repository.toLowerCase(), source.image.toLowerCase()];
  const byName = names.map((name) => checkouts.find((one) => one.name === name));
  const byRemote = checkouts.find(({ name, remote }) => name === null && remote?.toLowerCase() === names[0]);
  return byName.find((one) => one !== undefined) ?? byRemote ?? null;
}

/** Each view lies in the folder of its key, such as `acme/images@main`. */
export function joinViews(views: ReadonlyMap<string, FilesView>): FilesView {
  const find = (path: string) => {
    const whole = posix.normalize(path);
    const key = [...views.keys()].find((prefix) => whole.startsWith(`${prefix}/`));
    return key === undefined ? null : { view: views.get(key), inner: whole.slice(key.length + 1) };
  };
  return {
    name: "images",
    paths: () => [...views].flatMap(([prefix, view]) => view.paths().map((path) => `${prefix}/${path}`)),
    read: (path) => {
      const { view, inner } = find(path) ?? {};
      return view?.read(inner ?? "") ?? { kind: "missing" };
    },
  };
}
