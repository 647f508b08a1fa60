// Decides where the browser goes after signing in. Only to pages of this site: an open redirect would help phishing.

/** The names of pipelines and the ids of runs have no other characters. */
const ownPath = /^\/(?:freshness|(?:pipelines|runs)\/[\w.-]+)?$/;
const ownQuery = /^(?:(?:output|show|find|page|before)=[\w.%*+-]{0,600}(?:&|$)){1,4}$/;

export function returnPath(whole: string | undefined): string {
  const [path = "", query, ...rest] = (whole ?? "").split("?");
  if (!ownPath.test(path) || rest.length > 0) return "/";
  return query === undefined || !ownQuery.test(query) ? path : `${path}?${query}`;
}
