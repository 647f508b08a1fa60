import { join } from "node:path";
import { startEngine } from "../../../functions/local/engine/engine.ts";
import { startDynamodb } from "../../stand-ins/dynamodb.ts";
import { makeFolder } from "../../stand-ins/program.ts";
import { overHttp } from "./over-http.ts";
import { describeStore } from "./store-suite.ts";

describeStore("the embedded engine, in memory", () => startEngine(null));

describeStore("the embedded engine, on disk", async () => {
  const folder = makeFolder();
  const engine = await startEngine(join(folder.path, "data"));
  const close = async () => {
    await engine.close();
    folder.remove();
  };
  return { requests: engine.requests, close };
});

describeStore("an engine over HTTP", async () => overHttp(await startDynamodb(null)));
