// A CDK app with Tagrelay in a stack of its own. Synthesize it: npx cdk synth --app "node examples/cdk/app.ts"
import { App, CfnOutput, Stack } from "aws-cdk-lib";
import { Tagrelay } from "../../infra/tagrelay.ts";
import { readConfig } from "../../shared/config/read-config.ts";

const app = new App();
const stack = new Stack(app, "Images");
const tagrelay = new Tagrelay(stack, "Tagrelay", {
  config: readConfig(new URL("tagrelay.yaml", import.meta.url).pathname),
  alarmEmail: "ops@example.org",
});
new CfnOutput(stack, "StatusUrl", { value: `${tagrelay.http.url}/` });
