// The buildspec of a project that builds images: what CodeBuild runs.
import { Document } from "yaml";
import { buildScript, digestFile } from "./build-script.ts";

const scriptFile = "/tmp/tagrelay-build.sh";

/** `comment` stands above it. */
export function buildspec(comment: string | null = null): string {
  const document = new Document({
    version: 0.2,
    env: { "exported-variables": ["DIGEST"] },
    phases: {
      build: {
        "on-failure": "ABORT",
        commands: [
          `cat > ${scriptFile} <<'TAGRELAY_END'\n${buildScript}TAGRELAY_END\n`,
          // Plain `sh` runs the commands, and has no lists.
          `TAGRELAY_DIGEST_FILE=${digestFile} bash ${scriptFile}`,
          `export DIGEST=$(cat ${digestFile} 2> /dev/null)`,
        ],
      },
    },
  });
  document.commentBefore = comment;
  return document.toString({ lineWidth: 0 });
}
