// Where somebody goes after signing in: only to pages of this site.

/** Names of pipelines and ids of runs have no other characters; what else a path could be is not asked. */
const ownPath = /^\/(?:(?:pipelines|runs)\/[\w.-]+(?:\?output=[\w.%-]{1,600})?)?$/;

export function wayBack(path: string | undefined): string {
  return path !== undefined && ownPath.test(path) ? path : "/";
}
