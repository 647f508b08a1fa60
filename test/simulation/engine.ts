// A simulated DynamoDB: the requests that the store sends, with their conditions.
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type PutItemCommandInput,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { Requests } from "../../shared/store/dynamodb/requests.ts";
import { dueIndex, watchedIndex } from "../../shared/store/dynamodb/table.ts";

export type Item = Record<string, AttributeValue>;

export type SimulatedEngine = Requests & {
  /** Called for every item that is put. */
  onPut: (before: Item | undefined, after: Item) => void;
  /** How far the index lags behind the items. */
  indexLagMs: () => number;
  items: () => Item[];
  /** When the next of the items in the index is due. */
  nextDueAt: () => number;
};

type Kept = { item: Item; before: Item | undefined; putAt: number };

export function createSimulatedEngine(now: () => number): SimulatedEngine {
  const kept = new Map<string, Kept>();
  const keyOf = (item: Item | undefined) => `${item?.pk?.S}\n${item?.sk?.S}`;
  const find = (key: Item | undefined) => kept.get(keyOf(key))?.item;

  const put = ({ Item: item = {}, ConditionExpression, ExpressionAttributeValues }: PutItemCommandInput) => {
    const before = find(item);
    if (!meets(before, ConditionExpression, ExpressionAttributeValues)) {
      throw conditionFailed();
    }
    kept.set(keyOf(item), { item, before, putAt: now() });
    engine.onPut(before, item);
  };

  /** The index shows a change some time after it was made. */
  const queryIndex = ({ IndexName, ExpressionAttributeValues: values = {} }: QueryCommandInput): Item[] => {
    const { shardKey: hash, instantKey: range } = IndexName === dueIndex.name ? dueIndex : watchedIndex;
    const lag = engine.indexLagMs();
    const shown = [...kept.values()].map(({ item, before, putAt }) => (putAt + lag > now() ? before : item));
    return shown
      .filter((item) => item !== undefined)
      .filter(
        (item) =>
          item[hash]?.S === values[":shard"]?.S && Number(item[range]?.N) <= Number(values[":until"]?.N),
      )
      .sort((a, b) => Number(a[range]?.N) - Number(b[range]?.N));
  };

  const queryItems = (input: QueryCommandInput): Item[] => {
    const values = input.ExpressionAttributeValues ?? {};
    const found = [...kept.values()]
      .map(({ item }) => item)
      .filter(
        ({ pk, sk }) =>
          pk?.S === values[":pk"]?.S && isBetween(sk?.S, values[":first"]?.S, values[":last"]?.S),
      );
    const sorted = found.sort((a, b) => ((a.sk?.S ?? "") < (b.sk?.S ?? "") ? -1 : 1));
    return (input.ScanIndexForward === false ? sorted.reverse() : sorted).slice(0, input.Limit);
  };

  const engine: SimulatedEngine = {
    onPut: () => undefined,
    indexLagMs: () => 0,
    nextDueAt: () => {
      const instants = [...kept.values()].flatMap(({ item: { wakeAt, watchAt } }) =>
        [wakeAt, watchAt].map((instant) => Number(instant?.N ?? Number.POSITIVE_INFINITY)),
      );
      return Math.min(...instants);
    },
    items: () => [...kept.values()].map(({ item }) => item),
    getItem: async ({ Key }) => {
      const Item = find(Key);
      return Item === undefined ? {} : { Item };
    },
    batchGetItem: async ({ RequestItems = {} }) => ({
      Responses: Object.fromEntries(
        Object.entries(RequestItems).map(([table, { Keys = [] }]) => [
          table,
          Keys.map(find).filter((item) => item !== undefined),
        ]),
      ),
    }),
    putItem: async (input) => put(input),
    deleteItem: async ({ Key, ConditionExpression, ExpressionAttributeValues }) => {
      if (!meets(find(Key), ConditionExpression, ExpressionAttributeValues)) throw conditionFailed();
      kept.delete(keyOf(Key));
    },
    query: async (input) => ({
      Items: input.IndexName === undefined ? queryItems(input) : queryIndex(input),
    }),
  };
  return engine;
}

function conditionFailed(): ConditionalCheckFailedException {
  return new ConditionalCheckFailedException({ $metadata: {}, message: "The conditional request failed" });
}

function isBetween(value = "", first = "", last = ""): boolean {
  return value >= first && value <= last;
}

/** Knows only the conditions that the store uses. */
function meets(found: Item | undefined, condition: string | undefined, values: Item | undefined): boolean {
  switch (condition) {
    case undefined:
      return true;
    case "attribute_not_exists(pk)":
      return found === undefined;
    case "attribute_not_exists(version) OR version <= :version":
      return found?.version === undefined || Number(found.version.N) <= Number(values?.[":version"]?.N);
    case "holder = :holder":
      return found?.holder?.S === values?.[":holder"]?.S && found !== undefined;
    case "holder = :holder AND takenAt = :takenAt":
      return (
        found?.holder?.S === values?.[":holder"]?.S &&
        found?.takenAt?.N === values?.[":takenAt"]?.N &&
        found !== undefined
      );
    case "seenAt = :seenAt":
      return found?.seenAt?.N === values?.[":seenAt"]?.N && found !== undefined;
    case "version = :version":
      return found?.version?.N === values?.[":version"]?.N && found !== undefined;
    default:
      throw new Error(`the simulated engine does not know the condition ${JSON.stringify(condition)}`);
  }
}
