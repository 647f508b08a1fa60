// A family of images in two registries: their Dockerfiles, their order, and who builds them.
export type Member = {
  image: string;
  /** The first one is the image's base. */
  after: string[];
  builder: "command" | "server";
  dockerfile: string;
};

/** `open` and `locked` are the hosts of the registries. */
export function describeFamily(open: string, locked: string): Record<string, Member> {
  const base = `${open}/acme/base:latest`;
  const python = `${open}/acme/python:3`;
  const node = `${open}/acme/node:24`;
  const api = `${open}/acme/api:latest`;
  const web = `${locked}/acme/web:latest`;
  const tools = `${locked}/acme/team/tools:latest`;
  const app = `${locked}/acme/app:latest`;
  const from = (parent: string, copy: string) => `FROM ${parent}\nCOPY ${copy}\n`;
  return {
    base: { image: base, after: [], builder: "server", dockerfile: from("scratch", "number /number") },
    python: { image: python, after: ["base"], builder: "command", dockerfile: from(base, "name /python") },
    node: { image: node, after: ["base"], builder: "server", dockerfile: from(base, "name /node") },
    api: { image: api, after: ["python"], builder: "server", dockerfile: from(python, "name /api") },
    web: { image: web, after: ["node"], builder: "server", dockerfile: from(node, "name /web") },
    tools: { image: tools, after: ["base"], builder: "command", dockerfile: from(base, "name /tools") },
    app: {
      image: app,
      after: ["api", "web"],
      builder: "server",
      dockerfile: from(api, `--from=${web} /number /number-of-web`),
    },
  };
}
