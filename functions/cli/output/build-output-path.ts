// The path of a build's output in the API.

const buildId = /^[0-9a-f]{32}$/;

export function isBuildId(text: string): boolean {
  return buildId.test(text);
}

export function buildOutputPath(id: string): string {
  return `/builds/${encodeURIComponent(id)}/output`;
}
