import { startEngine } from "../../../functions/local/engine.ts";
import { describeStoreLimits } from "./store-limits-suite.ts";

describeStoreLimits("dynalite in memory", () => startEngine(null));
