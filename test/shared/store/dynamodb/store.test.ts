import { join } from "node:path";
import { startEngine } from "../../../../functions/local/engine/engine.ts";
import { startDynamodb } from "../../../stand-ins/dynamodb.ts";
import { makeFolder } from "../../../stand-ins/program.ts";
import { describeStoreOn } from "./describe-engine.ts";
import { overHttp } from "./over-http.ts";

describeStoreOn("the embedded engine, in memory", () => startEngine(null));

describeStoreOn("the embedded engine, on disk", async () => {
  const folder = makeFolder();
  const engine = await startEngine(join(folder.path, "data"));
  const close = async () => {
    await engine.close();
    folder.remove();
  };
  return { requests: engine.requests, close };
});

describeStoreOn("dynalite over HTTP", async () => overHttp(await startDynamodb(null)), { isDynalite: true });
