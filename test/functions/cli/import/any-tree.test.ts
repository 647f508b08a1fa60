// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of many files.
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { importDockerfiles } from "../../../../functions/cli/import/dockerfile-tree.ts";
import { ImportError } from "../../../../functions/cli/import/imported.ts";
import { addTriggers, workflowText } from "../../../../functions/cli/import/trigger/add-triggers.ts";
import { triggerKinds } from "../../../../functions/cli/import/trigger/trigger-kinds.ts";
import { yamlText } from "../../../../functions/cli/import/yaml-text.ts";
import { compileConfig } from "../../../../shared/config/compile.ts";
import { viewOf } from "./view.ts";

const names = [
  "acme/base",
  "acme/web:1",
  "base",
  "node",
  "node:20",
  "ghcr.io/acme/x",
  "a/b/c:d",
  "$X",
  "${X:-y}",
  "{tag}",
  "",
  "/",
  ":",
  "..",
  "A",
];
const words = fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 6 }));
const chunks = (...known: string[]) =>
  fc.array(fc.oneof(fc.constantFrom(...known), words), { maxLength: 25 }).map((parts) => parts.join(""));

const dockerfile = chunks("FROM ", "\n", "ARG X=", " AS ", "COPY --from=", "ENV NODE_VERSION=20.1\n");
const bake = chunks(
  'target "',
  '" {\n',
  "}\n",
  "tags = [",
  "]\n",
  '"',
  "args = {",
  "${",
  "}",
  "matrix = ",
  "inherits = ",
  "contexts = ",
  "for x in ",
  "? ",
  ": ",
  "join(",
  ")",
  "\n",
  "<<EOT\n",
  "EOT\n",
  "=",
  "variable ",
);
const makefile = chunks(
  "all: base\n",
  "\t",
  "docker build -t ",
  " -f ",
  " . ",
  "\n",
  "$(X)",
  "$(shell x)",
  "X := ",
  "$@",
  "$$",
  "&& cd ",
  "--build-arg A=",
  "$(or ",
  ",",
  ")",
  "'",
  '"',
  "\\\n",
);
const workflow = chunks(
  "jobs:\n",
  "  a:\n",
  "    steps:\n",
  "      - uses: docker/build-push-action@v7\n",
  "        with:\n",
  "          context: ",
  "          tags: ",
  "${{ matrix.x }}",
  "${{ ",
  " }}",
  "    strategy: { matrix: { x: [1, 2] } }\n",
  "      - run: docker build -t ",
  " && ",
  "\n",
  "'",
  "fromJSON(",
  ")",
  "    uses: ./.github/workflows/a.yml\n",
  "|| ",
);
const compose = chunks(
  "services:\n",
  "  a:\n",
  "    image: ",
  "    build: ",
  "\n",
  "{ context: ",
  " }",
  "    extends: x\n",
);

test("any content of the files of a tree becomes a valid configuration, also with triggers, or is refused with a message", () => {
  fc.assert(
    fc.property(
      dockerfile,
      dockerfile,
      bake,
      makefile,
      workflow,
      compose,
      fc.constantFrom(...triggerKinds),
      (one, two, hcl, make, flow, services, kind) => {
        const files = viewOf({
          "base/Dockerfile": one,
          "web/Dockerfile": two,
          "node/20/Dockerfile": "FROM node:20",
          "docker-bake.hcl": hcl,
          Makefile: make,
          "build.sh": make,
          ".github/workflows/a.yml": flow,
          "compose.yaml": services,
        });
        try {
          const imported = importDockerfiles(files, { namespace: null, tag: null });
          compileConfig(parse(yamlText(imported, "a test")));
          const built = addTriggers(imported, {
            kind,
            repository: null,
            workflow: "image.yml",
            buildspec: null,
            directory: ".",
          });
          compileConfig(parse(yamlText(built, "a test")));
          expect(typeof parse(workflowText(built, kind) ?? "{}")).toBe("object");
        } catch (error) {
          if (!(error instanceof ImportError)) throw error;
          expect(error.message).toMatch(/expected/);
        }
      },
    ),
    { numRuns: 300 },
  );
}, 60_000);
