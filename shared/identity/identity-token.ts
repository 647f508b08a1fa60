// What an identity token (OIDC) looks like, and what it must be made for.

/** A token is made for one step of one run, so that it reports nothing else. */
export function audienceOf(run: string, step: string): string {
  return `tagrelay:${run}:${step}`;
}

export function isIdentityToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}
