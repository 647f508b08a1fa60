// Decides where the browser goes after signing in. Only to pages of this site: an open redirect would help phishing.

/** The names of pipelines and the ids of runs have no other characters. */
const ownPath = /^\/(?:(?:pipelines|runs)\/[\w.-]+(?:\?output=[\w.%-]{1,600})?)?$/;

export function returnPath(path: string | undefined): string {
  return path !== undefined && ownPath.test(path) ? path : "/";
}
