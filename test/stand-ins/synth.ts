// `npx cdk synth` of this project, as users run it.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./program.ts";

/** What `npx cdk` runs. */
const cdk = join(root, "node_modules/.bin/cdk");

type Options = {
  /** The folder that has cdk.json. */
  cwd?: string;
  /** A home without settings for AWS. */
  home: string;
  args: readonly string[];
  /** The CDK checks the templates itself, which takes half of the time. */
  isValidated?: boolean;
};

/** What was printed besides the result. */
export async function synthesize({ cwd = root, home, args, isValidated = false }: Options): Promise<string> {
  const { stderr } = await promisify(execFile)(cdk, ["synth", "--quiet", ...args], {
    cwd,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      AWS_EC2_METADATA_DISABLED: "true",
      CDK_VALIDATION: String(isValidated),
    },
  });
  return stderr;
}
