// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of workflows.
import { describe, expect, test } from "vitest";
import { closeImages, showOpen } from "../../../../../functions/cli/import/open-text.ts";
import { workflowBuilds } from "../../../../../functions/cli/import/workflow/read-workflow.ts";
import { viewOf } from "../view.ts";

const github = new Map([
  ["repository_owner", "acme"],
  ["repository", "acme/images"],
]);
const buildsOf = (text: string, files: Record<string, string> = {}) =>
  workflowBuilds(text, viewOf(files), github);
const step = (settings: string, job = "") =>
  `jobs:\n  a:\n${job}    steps:\n      - uses: docker/build-push-action@v7\n        with: ${settings}\n`;
const imagesOf = (text: string) => buildsOf(text).map(({ tags }) => closeImages(tags));

describe("the images of a GitHub workflow", () => {
  test.each([
    ["{ push: true, tags: 'acme/a:1' }", ["acme/a:1"], "Dockerfile"],
    ["{ context: images/a, tags: 'acme/a:1,acme/a:2' }", ["acme/a:1", "acme/a:2"], "images/a/Dockerfile"],
    ["{ context: ., file: ./images/a/Dockerfile, tags: acme/a }", ["acme/a"], "images/a/Dockerfile"],
    ["{ context: '{{defaultContext}}:images/a', tags: acme/a }", ["acme/a"], "images/a/Dockerfile"],
    ["{ context: 'https://github.com/acme/images.git', tags: acme/a }", ["acme/a"], "Dockerfile"],
    [
      "{ context: a, tags: 'ghcr.io/${{ github.repository_owner }}/a:${{ github.sha }}' }",
      ["ghcr.io/acme/a"],
      "a/Dockerfile",
    ],
    [
      "{ context: a, tags: \"ghcr.io/${{ github.repository }}:${{ github.ref_name == 'x' && 'y' || 'z' }}\" }",
      ["ghcr.io/acme/images:z"],
      "a/Dockerfile",
    ],
    ["{ context: a, tags: '${{ env.REGISTRY }}/a:1' }", ["a:1"], "a/Dockerfile"],
    ["{ context: a, tags: 'ghcr.io/${{ vars.OWNER }}/a:1' }", ["ghcr.io/?/a:1"], "a/Dockerfile"],
    ["{ context: a, tags: '${{ vars.IMAGE }}' }", [], "a/Dockerfile"],
    [
      "{ context: a, outputs: 'type=image,\"name=ghcr.io/acme/a,docker.io/acme/a\",push-by-digest=true,push=true' }",
      ["ghcr.io/acme/a"],
      "a/Dockerfile",
    ],
  ])("are read from build-push-action with %s", (settings, images, path) => {
    const [build] = buildsOf(step(settings));
    expect([closeImages(build?.tags ?? []), build?.path]).toEqual([images, path]);
  });

  test("are those of each combination of the matrix, with what include adds and exclude removes", () => {
    const job = `    strategy:
      matrix:
        v: [1, 2]
        os: [alpine, debian]
        include: [{ v: 2, os: debian, latest: true }, { v: 3, os: alpine }]
        exclude: [{ v: 1, os: debian }]
`;
    const tags =
      "{ context: a, tags: \"acme/a:${{ matrix.v }}-${{ matrix.os }},${{ matrix.latest && 'acme/a:latest' || '' }}\" }";
    expect(imagesOf(step(tags, job))).toEqual([
      ["acme/a:1-alpine"],
      ["acme/a:2-alpine"],
      ["acme/a:2-debian", "acme/a:latest"],
      ["acme/a:3-alpine"],
    ]);
  });

  test("have the tags of metadata-action, of which those that only a run knows are left out", () => {
    const text = `jobs:
  a:
    steps:
      - id: meta
        uses: docker/metadata-action@v5
        with:
          images: |
            acme/a
            name=ghcr.io/acme/a,enable=true
          tags: |
            type=raw,value=1.0
            type=raw,value=old,enable=false
            type=ref,event=branch
          flavor: suffix=-slim
      - uses: docker/build-push-action@v7
        with: { context: a, tags: "\${{ steps.meta.outputs.tags }}" }
`;
    expect(imagesOf(text)).toEqual([["acme/a:1.0-slim", "ghcr.io/acme/a:1.0-slim"]]);
  });

  test("are built by a reusable workflow of the same repository, or by what is passed to it", () => {
    const call =
      "jobs:\n  a:\n    uses: ./.github/workflows/b.yml\n    with: { name: web, image-name: web, image-tags: '1', context: c }\n";
    const callee =
      "on: { workflow_call: { inputs: { name: {}, tag: { default: x } } } }\n" +
      step('{ context: "images/${{ inputs.name }}", tags: "acme/${{ inputs.name }}:${{ inputs.tag }}" }');
    const [known] = buildsOf(call, { ".github/workflows/b.yml": callee });
    expect([known?.tags, known?.path]).toEqual([["acme/web:x"], "images/web/Dockerfile"]);
    const [passed] = buildsOf(call, {
      ".github/workflows/b.yml": step('{ context: "${{ inputs.context }}", tags: "${{ vars.X }}" }'),
    });
    expect([passed?.tags, passed?.path]).toEqual([["web:1"], "c/Dockerfile"]);
  });

  test("are read from docker build lines, with the variables of the step", () => {
    const text = `jobs:
  a:
    env: { OWNER: acme }
    steps:
      - env: { TAG: "\${{ inputs.tag || 'edge' }}" }
        working-directory: images
        run: |
          set -e
          NAME=web
          docker buildx build --push \\
            --build-arg A="\${{ github.repository_owner }}" --target slim --platform linux/amd64,linux/arm64 \\
            -t "$OWNER/$NAME:$TAG" -t $OWNER/$NAME:$(git rev-parse HEAD) $NAME
`;
    const [build] = buildsOf(text);
    expect(build).toMatchObject({
      path: "images/web/Dockerfile",
      target: "slim",
      args: new Map([["A", "acme"]]),
      platforms: ["linux/amd64", "linux/arm64"],
    });
    expect(build?.tags.map(showOpen)).toEqual(["acme/web:edge", "acme/web:${git_rev-parse_HEAD}"]);
  });

  test("are none of checkouts, uploads and logins", () => {
    const text = `jobs:
  a:
    steps:
      - uses: actions/checkout@v6
        with: { repository: acme/x, path: x }
      - uses: actions/upload-artifact@v4
        with: { name: x, path: y }
      - uses: docker/login-action@v4
        with: { registry: ghcr.io, username: x, password: y }
`;
    expect(buildsOf(text)).toEqual([]);
  });

  test.each([
    "",
    "[",
    "jobs: 1",
    "jobs: { a: [] }",
    "jobs:\n  a:\n    steps: x",
    step("{ context: '${{', tags: \"${{ fromJSON('[') }}\" }"),
  ])("are none, or unnamed, of %j", (text) => {
    expect(imagesOf(text).flat()).toEqual([]);
  });
});
