// Build settings in the shape of Docker Hub's API: three accounts, with rules in all forms, and the files they build.

export type Rule = {
  source_type: "Branch" | "Tag";
  source_name: string;
  tag: string;
  dockerfile: string;
  build_context: string;
  autobuild: boolean;
  nocache: boolean;
};
export type Repository = {
  image: string;
  /** `owner/name` */
  source: string;
  rules: Rule[];
  more?: Record<string, unknown>;
};

const rule = (source_name: string, tag: string, more: Partial<Rule> = {}): Rule => ({
  source_type: "Branch",
  source_name,
  tag,
  dockerfile: "Dockerfile",
  build_context: "/",
  autobuild: true,
  nocache: false,
  ...more,
});

/** One repository of sources, three images that are built from one another. */
export const acme: Repository[] = [
  {
    image: "acme/base",
    source: "acme/images",
    rules: [rule("main", "latest, 12", { build_context: "/base", nocache: true })],
  },
  {
    image: "acme/api",
    source: "acme/images",
    // Without a context, it is the folder of the Dockerfile.
    rules: [rule("main", "{sourceref}", { build_context: "", dockerfile: "/api/" })],
    more: {
      envvars: [
        { key: "FLAVOUR", value: "vanilla" },
        { key: "NPM_TOKEN", value: "npm_do-not-show-this-1" },
        { key: "ENDPOINT", value: "https://user:do-not-show-this-2@example.org" },
        { key: "FORGOTTEN", value: "1" },
      ],
    },
  },
  {
    image: "acme/web",
    source: "acme/images",
    rules: [rule("main", "latest", { build_context: "/web/", dockerfile: "docker/Dockerfile.prod" })],
    more: { repo_links: false },
  },
];
export const acmeFiles = {
  "base/Dockerfile": "FROM debian:bookworm-slim\n",
  "api/Dockerfile": "FROM acme/base:12\nARG FLAVOUR=plain\nARG NPM_TOKEN\n",
  "web/docker/Dockerfile.prod": "FROM node:24 AS build\nFROM acme/api:main\nCOPY --from=build /app /app\n",
  "web/docker/hooks/build": "#!/bin/bash\ndocker build -t $IMAGE_NAME .\n",
  "web/docker/hooks/push": "#!/bin/bash\ndocker push $IMAGE_NAME\n",
  "web/docker/hooks/post_push": "#!/bin/bash\ntrue\n",
};

/** Regular expressions, git tags, rules that cannot be moved, autotests. */
export const umbrella: Repository[] = [
  {
    image: "umbrella/app",
    source: "umbrella-corp/App",
    rules: [
      rule("main", "latest"),
      rule("/^v([0-9]+)\\.([0-9.]+)$/", "{\\1}.{\\2},{\\1},{sourceref}", { source_type: "Tag" }),
      rule("/release-(.+)/", "{\\1}"),
      rule("/^nightly$/", "nightly", { autobuild: false }),
      rule("v1.0", "1.0", { source_type: "Tag" }),
      rule("old", "old", { autobuild: false }),
      rule("feature/x", "{sourceref}"),
      rule("/(/", "never"),
    ],
    more: {
      autotests: "SOURCE_AND_FORKS",
      envvars: [{ key: "SSH_PRIVATE", value: "-----BEGIN do-not-show-this-3" }],
    },
  },
];
export const umbrellaFiles = {
  Dockerfile: "FROM acme/web:latest\n",
  "docker-compose.test.yml": "services:\n  sut:\n    build: .\n",
};

/** Branches of one repository with Dockerfiles of their own, and a source that no builder here has. */
export const initech: Repository[] = [
  {
    image: "initech/php",
    source: "initech/php",
    rules: [rule("8.3", "{sourceref}"), rule("8.4", "8.4,latest")],
  },
  { image: "initech/reports", source: "initech/reports", rules: [rule("master", "latest")] },
  {
    image: "initech/ledger",
    source: "initech/ledger",
    rules: [rule("main", "latest")],
    more: { provider: "Bitbucket" },
  },
];

export const ruleUri = ({ image }: Repository, index: number) =>
  `/api/build/v1/setting/${image.replace("/", "-")}-${index}/`;
const sourceUri = ({ image }: Repository) => `/api/build/v1/source/${image.replace("/", "-")}/`;

export function sourceAnswer(repository: Repository) {
  const { image, source, rules, more } = repository;
  const [owner, name] = source.split("/");
  const object = {
    autotests: "OFF",
    build_in_farm: true,
    channel: "Stable",
    deploykey: "ssh-rsa do-not-show-this-4",
    ...{
      envvars: [],
      image,
      owner,
      provider: "Github",
      repo_links: true,
      repository: name,
      state: "Success",
    },
    build_settings: rules.map((_rule, index) => ruleUri(repository, index)),
    resource_uri: sourceUri(repository),
    uuid: image.replace("/", "-"),
    ...more,
  };
  return { meta: { limit: 25, next: null, offset: 0, previous: null, total_count: 1 }, objects: [object] };
}

export function ruleAnswers(repository: Repository): object[] {
  return repository.rules.map((own, index) => ({
    ...own,
    buildsource: sourceUri(repository),
    resource_uri: ruleUri(repository, index),
    state: "Success",
  }));
}

/** As somebody saves the answers one after another. */
export function toJson(repositories: readonly Repository[]): string {
  return JSON.stringify(repositories.flatMap((one) => [sourceAnswer(one), ...ruleAnswers(one)]));
}

/** As a browser records the Builds page: with a session, other requests, and answers in two encodings. */
export function toHar(repositories: readonly Repository[]): string {
  const entry = (path: string, body: unknown, isEncoded = false) => ({
    request: {
      url: `https://hub.docker.com${path}`,
      cookies: [{ name: "token", value: "do-not-show-this-5" }],
      headers: [{ name: "Authorization", value: "Bearer do-not-show-this-6" }],
    },
    response: {
      content: isEncoded
        ? { text: Buffer.from(JSON.stringify(body)).toString("base64"), encoding: "base64" }
        : { text: JSON.stringify(body) },
    },
  });
  const entries = repositories.flatMap((one) => [
    entry("/v2/user/", { username: one.image }),
    entry(`/api/build/v1/source/?image=${encodeURIComponent(one.image)}`, sourceAnswer(one)),
    ...ruleAnswers(one).map((answer, index) => entry(ruleUri(one, index), answer, index % 2 === 1)),
    entry("/api/build/v1/source/x/trigger/", {
      objects: [
        { name: "nightly job", resource_uri: "/api/build/v1/source/x/trigger/do-not-show-this-7/call/" },
      ],
    }),
    { request: { url: "data:image/png" }, response: {} },
  ]);
  return JSON.stringify({ log: { version: "1.2", entries } });
}
