// The engine as a separate process.
import { startDynamodb } from "../../stand-ins/dynamodb.ts";

const { endpoint } = await startDynamodb(process.argv[2] ?? null);
process.stdout.write(`engine listening on ${endpoint}\n`);
