import { startEngine } from "../../../functions/local/engine.ts";
import { describeSlots } from "./slots-suite.ts";

describeSlots("dynalite in memory", () => startEngine(null));
