// CDK apps of people who have installed the package.

/** TypeScript as `cdk init` sets it up, and stricter: the declarations of the libraries are checked, too. */
export const tsconfig = {
  compilerOptions: {
    target: "es2022",
    module: "nodenext",
    strict: true,
    types: ["node"],
    noEmit: true,
  },
  include: ["app.ts", "mistakes.cts"],
};

/** What the declarations must refuse, also in CommonJS. */
export const mistakes = `
import { App, Stack } from "aws-cdk-lib";
import { Tagrelay } from "tagrelay/cdk";
import { readConfig } from "tagrelay/config";

const stack = new Stack(new App(), "Images");
const config = readConfig("tagrelay.yaml");
// @ts-expect-error
new Tagrelay(stack, "WithoutConfig", {});
// @ts-expect-error
new Tagrelay(stack, "Misspelled", { config, alarmMail: "ops@example.org" });
// @ts-expect-error
config.pipelines[0]?.unknown;
`;

/** JavaScript as `cdk init` sets it up: CommonJS. The configuration is an object. */
export const commonJs = `
const { App, Stack } = require("aws-cdk-lib");
const { Tagrelay } = require("tagrelay/cdk");
const { compileConfig } = require("tagrelay/config");

const app = new App();
const config = compileConfig({ pipelines: { images: { sequence: ["acme/base:1", "acme/app:1"] } } });
new Tagrelay(new Stack(app, "Images"), "Tagrelay", { config });
app.synth();
`;

export const esModule = `
import { App } from "aws-cdk-lib";
import { TagrelayStack } from "tagrelay/cdk";
import { readConfig } from "tagrelay/config";

new TagrelayStack(new App(), "Images", { config: readConfig("tagrelay.yaml") });
`;
