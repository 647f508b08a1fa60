// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of variables in Dockerfiles.
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { importSource } from "../../../../functions/cli/import/import-source.ts";
import { ImportError } from "../../../../functions/cli/import/imported.ts";
import { type Kind, kinds } from "../../../../functions/cli/import/recognise-kind.ts";
import { yamlText } from "../../../../functions/cli/import/yaml-text.ts";
import { compileConfig } from "../../../../shared/config/compile.ts";
import { viewOf } from "./view.ts";

const naming = { namespace: "acme", tag: null };
const names = [
  "acme/a",
  "acme/b:1",
  "acme/B",
  "a",
  "__proto__",
  "constructor",
  "ghcr.io/x/y",
  "x@sha256:1",
  "",
  "acme/a:1.10",
  "#x",
  "null",
];
const words = fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 8 }));
const pieces = {
  dockerfiles: [
    "FROM ",
    "AS ",
    "COPY --from=",
    "ARG A=",
    "${A}",
    "${A:-",
    "}",
    "\n",
    "\\\n",
    "<<E\n",
    "E\n",
    "# ",
    " ",
    "\r\n",
  ],
  "config-py": [
    "userName = 'acme'\n",
    "repoName = 'a'\n",
    "tagSequence = [",
    "]",
    "'",
    '"',
    ",",
    "{",
    "}",
    "\n",
    "triggerScheduling = {'trigger': 'cron', ",
    "'hour': ",
    "1",
    "\\",
  ],
  crontab: [
    "0 3 * * * ",
    "@daily ",
    "dh-trigger ",
    "acme web ",
    "tag ",
    "curl https://registry.hub.docker.com/u/acme/web/trigger/x/ ",
    "-d docker_tag=",
    "'",
    "&& ",
    "\n",
    "* ",
    "# ",
  ],
  "images-json": [],
  bake: [],
  compose: [],
} satisfies Record<Kind, string[]>;

const image = fc.record({ tag: words, name: words, version: words, file: words }, { requiredKeys: [] });
const target = fc.record(
  {
    tags: fc.array(words, { maxLength: 2 }),
    inherits: fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 1 }),
    contexts: fc.dictionary(words, fc.constantFrom("target:a", "target:b", "docker-image://x", "."), {
      maxKeys: 2,
    }),
    "dockerfile-inline": words.map((word) => `FROM ${word}`),
  },
  { requiredKeys: [] },
);
const service = fc.record({
  image: words,
  build: fc.record({ dockerfile_inline: words.map((word) => `FROM ${word}`) }),
});
const labels = fc.oneof(fc.constantFrom("a", "b", "c"), words);

const texts: Record<Kind, fc.Arbitrary<string>> = {
  dockerfiles: chunks("dockerfiles"),
  "config-py": chunks("config-py").map(
    (text) => `userName = 'acme'\nrepoName = 'a'\ntagSequence = ['a', 'b']\n${text}`,
  ),
  crontab: chunks("crontab").map((text) => `@daily dh-trigger acme web\n${text}`),
  "images-json": fc.array(image, { maxLength: 4 }).map((images) => JSON.stringify({ images })),
  bake: fc.dictionary(labels, target, { maxKeys: 4 }).map((targets) => JSON.stringify({ target: targets })),
  compose: fc.dictionary(labels, service, { maxKeys: 4 }).map((services) => JSON.stringify({ services })),
};

function chunks(kind: Kind): fc.Arbitrary<string> {
  const known: readonly string[] = pieces[kind];
  return fc
    .array(fc.oneof(fc.constantFrom("", ...known), words), { maxLength: 30 })
    .map((parts) => parts.join(""));
}

test.each(kinds)(
  "any content of kind %s becomes a valid configuration or is refused with a message",
  (kind) => {
    fc.assert(
      fc.property(texts[kind], texts.dockerfiles, (text, other) => {
        const files = viewOf({
          "a/Dockerfile": text,
          "b/Dockerfile.x": other,
          "b/8.1/Dockerfile": "FROM acme/a",
        });
        try {
          const imported = importSource({ kind: "file", file: "x", text, files }, kind, naming);
          const { pipelines } = compileConfig(parse(yamlText(imported, "a test")));
          const counts = (all: readonly { name: string; steps: readonly unknown[] }[]) =>
            new Map(all.map(({ name, steps }) => [name, steps.length]));
          expect(counts(pipelines)).toEqual(counts(imported.pipelines));
        } catch (error) {
          if (!(error instanceof ImportError)) throw error;
          expect(error.message).toMatch(/expected/);
        }
      }),
      { numRuns: 500 },
    );
  },
);
