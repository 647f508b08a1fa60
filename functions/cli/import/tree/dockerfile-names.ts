// Recognises Dockerfiles by their names.

/** `Dockerfile`, `Dockerfile.slim`, `Dockerfile-slim`, `slim.Dockerfile`, `Containerfile`. */
const dockerfileName =
  /^(?:(?:Docker|Container)file(?:[._-]([\w.-]+))?|([\w.-]+)[._-](?:docker|container)file)$/i;
const ignoredNames =
  /[._-](?:j2|jinja2?|tmpl|template|tpl)$|\.(?:md|txt|dockerignore|in|em|erb|bak|orig|sh|bats|py|go|ts|js|mjs|rb|rs|java|php|pl|lua|lock|toml|html|css|xml|ya?ml|json|hcl|patch|diff|log)$|^Dockerfile\.dockerignore$/i;

export function isDockerfile(path: string): boolean {
  const file = path.split("/").at(-1) ?? "";
  return dockerfileName.test(file) && !ignoredNames.test(file);
}

/** `slim` of `Dockerfile.slim` and `slim.Dockerfile`. */
export function variantOf(path: string): string | undefined {
  const match = dockerfileName.exec(path.split("/").at(-1) ?? "");
  const variant = match?.[1] ?? match?.[2];
  return variant !== undefined && /^(?:in|tmpl|template|tpl)$/i.test(variant) ? undefined : variant;
}

/** `Dockerfile.in` is one, too, where no Dockerfile made of it lies beside it. */
export function plainTemplates(paths: readonly string[], dockerfiles: readonly string[]): string[] {
  const there = new Set(dockerfiles);
  return paths.filter((path) => {
    const [, made] = /^((?:.*\/)?(?:Docker|Container)file)\.(?:in|tmpl|template|tpl)$/i.exec(path) ?? [];
    return made !== undefined && !there.has(made);
  });
}
