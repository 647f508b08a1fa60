// Preloaded to measure a start that loads everything first: what the local program loads when it is needed.
import "@hono/node-server";
import "../../functions/local/assemble-program.ts";
import "../../shared/aws/call-aws.ts";
import "../../shared/identity/verify-token.ts";
import "../../shared/store/dynamodb/client.ts";
import "../../shared/store/dynamodb/table-requests.ts";
