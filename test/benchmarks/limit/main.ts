// The smallest program that relays: a webhook in, one conditional write, one trigger out. It has no checks, no waits and no
// history. The benchmarks compare Tagrelay with it.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Agent, request } from "undici";
import { startEngine } from "../../../functions/local/engine/engine.ts";
import { createDynamodbClient } from "../../../shared/store/dynamodb/client.ts";
import { createTable } from "../../../shared/store/dynamodb/create-table.ts";
import { createTableRequests, type TableRequests } from "../../../shared/store/dynamodb/table-requests.ts";
import { startDynamodb } from "../../stand-ins/dynamodb.ts";
import { serve } from "../../stand-ins/serve.ts";

const [data = "", hub = "", engine = ""] = process.argv.slice(2);
const TableName = "limit";
const requests = await openEngine();
await createTable(requests, TableName);
const dispatcher = new Agent();

const server = createServer(async (incoming, response) => {
  const { push_data, repository } = JSON.parse(await text(incoming));
  const pk = { S: `${repository.repo_name}:${push_data.tag}` };
  const sk = { S: String(push_data.pushed_at) };
  await requests.putItem({ TableName, Item: { pk, sk }, ConditionExpression: "attribute_not_exists(pk)" });
  const answer = await request(`${hub}/limit/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ docker_tag: push_data.tag }),
    dispatcher,
  });
  await answer.body.dump();
  response.writeHead(200, { "content-type": "application/json" }).end('{"outcome":"advanced"}');
});
/** In this process (embedded or over HTTP), or at the address of a separate engine. */
async function openEngine(): Promise<TableRequests> {
  if (engine === "embedded") return (await startEngine(data)).requests;
  const endpoint = engine === "served" ? (await startDynamodb(data)).endpoint : engine;
  return createTableRequests(createDynamodbClient(endpoint));
}

const { origin } = await serve(server);
process.stdout.write(`limit listening on ${origin}\n`);
