import { overHttp } from "../shared/store/over-http.ts";
import { describeSlots } from "../shared/store/slots-suite.ts";
import { describeStoreLimits } from "../shared/store/store-limits-suite.ts";
import { describeStore } from "../shared/store/store-suite.ts";
import { startDynamodbLocal } from "./dynamodb-local.ts";

describeStore("DynamoDB Local", async () => overHttp(await startDynamodbLocal()));
describeStoreLimits("DynamoDB Local", startDynamodbLocal);

describeSlots("DynamoDB Local", async () => overHttp(await startDynamodbLocal()));
