import { startDynamodb } from "../../../stand-ins/dynamodb.ts";
import { describeStoreLimits } from "./limits-suite.ts";

describeStoreLimits("dynalite in memory", () => startDynamodb(null));
