// The engine as a process of its own, for whoever is measured with one that is elsewhere.
import { startDynamodb } from "../../stand-ins/dynamodb.ts";

const { endpoint } = await startDynamodb(process.argv[2] ?? null);
process.stdout.write(`engine listening on ${endpoint}\n`);
