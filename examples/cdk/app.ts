// A CDK app with Tagrelay in a stack of its own. In a folder with this file and tagrelay.yaml, install
// aws-cdk-lib, constructs and tagrelay, and synthesize it: npx aws-cdk@2 synth --app "node app.ts"
import { App, CfnOutput, Stack } from "aws-cdk-lib";
import { Tagrelay } from "tagrelay/cdk";
import { readConfig } from "tagrelay/config";

const app = new App();
const stack = new Stack(app, "Images");
const tagrelay = new Tagrelay(stack, "Tagrelay", {
  config: readConfig("tagrelay.yaml"),
  alarmEmail: "ops@example.org",
});
new CfnOutput(stack, "StatusUrl", { value: `${tagrelay.url}/` });
