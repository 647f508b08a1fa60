import { describeSlotsOn, describeStoreOn } from "../shared/store/dynamodb/describe-engine.ts";
import { describeStoreLimits } from "../shared/store/dynamodb/limits-suite.ts";
import { overHttp } from "../shared/store/dynamodb/over-http.ts";
import { startDynamodbLocal } from "./dynamodb-local.ts";

describeStoreOn("DynamoDB Local", async () => overHttp(await startDynamodbLocal()));
describeStoreLimits("DynamoDB Local", startDynamodbLocal);

describeSlotsOn("DynamoDB Local", async () => overHttp(await startDynamodbLocal()));
