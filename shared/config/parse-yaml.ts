// Parses YAML, and says on which line a place of the document is.
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { messageOf } from "../log.ts";
import type { Problem } from "../validation/expectation.ts";
import type { LineOf } from "./config-error.ts";
import { isTooLarge, maxValues } from "./expanded-size.ts";

/** `value` is undefined if the text cannot be read. */
type ParsedYaml = { value: unknown; problems: Problem[]; lineOf: LineOf };

export function parseYaml(text: string): ParsedYaml {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { merge: true, prettyErrors: true, lineCounter, uniqueKeys: false });
  const problems = document.errors.map(({ message, linePos }) => ({
    path: [],
    // The first line of a pretty error has the position; the rest is an excerpt.
    message: message.split("\n")[0]?.replace(/:$/, "") ?? "",
    ...(linePos === undefined ? {} : { line: linePos[0].line }),
  }));
  const nothing = (more: readonly string[]): ParsedYaml => ({
    value: undefined,
    problems: [...problems, ...more.map((message) => ({ path: [], message }))],
    lineOf: () => null,
  });
  if (document.errors.length > 0) return nothing([]);
  const anchors = linkAliases(document);
  if (!isMap(document.contents)) return nothing(['expected a map with the key "pipelines", found none']);
  try {
    // The library's limit counts aliases, and ends at a hundred pipelines that share a trigger. What costs is their contents.
    if (isTooLarge(document.contents, (alias) => (isAlias(alias) ? anchors.get(alias) : undefined))) {
      return nothing([
        `expected at most ${maxValues.toLocaleString("en")} values where all aliases are written out, found more; remove aliases that stand within what other aliases name`,
      ]);
    }
    return {
      value: document.toJS({ maxAliasCount: -1 }),
      problems: repeatedKeys(document, lineCounter),
      lineOf: lineReader(document.contents, anchors, lineCounter),
    };
  } catch (error) {
    return nothing([messageOf(error)]);
  }
}

type Anchored = Scalar | YAMLMap | YAMLSeq;
type Anchors = Map<Alias, Anchored>;

type Place = { node: unknown; offset: number | null };

function lineReader(contents: Node, anchors: Anchors, lines: LineCounter): LineOf {
  const resolve = (node: unknown): unknown => (isAlias(node) ? anchors.get(node) : node);
  const inside = (given: unknown, key: PropertyKey): Place | null => {
    const node = resolve(given);
    if (isSeq(node)) {
      const item = node.items[Number(key)];
      return item === undefined ? null : { node: item, offset: startOf(item) };
    }
    if (!isMap(node)) return null;
    const pair = node.items.find(({ key: name }) => isScalar(name) && String(name.value) === String(key));
    if (pair !== undefined) return { node: pair.value, offset: startOf(pair.key) };
    const merged = node.items.filter(({ key: name }) => isScalar(name) && name.source === "<<");
    const sources = merged.flatMap(({ value }) => {
      const source = resolve(value);
      return isSeq(source) ? source.items : [source];
    });
    return sources.map((source) => inside(source, key)).find((place) => place !== null) ?? null;
  };
  return (path) => {
    let place: Place = { node: contents, offset: null };
    for (const key of path) {
      const next = inside(place.node, key);
      if (next === null) break;
      place = next;
    }
    return place.offset === null ? null : lines.linePos(place.offset).line;
  };
}

function startOf(node: unknown): number | null {
  if (!isScalar(node) && !isMap(node) && !isSeq(node) && !isAlias(node)) return null;
  return node.range?.[0] ?? null;
}

/** The library looks through all anchors for each alias, which takes minutes for ten thousand pipelines. */
function linkAliases(document: Document.Parsed): Anchors {
  const named = new Map<string, Anchored>();
  const anchors: Anchors = new Map();
  visit(document, {
    Alias: (_, alias) => {
      const found = named.get(alias.source);
      if (found === undefined) return;
      anchors.set(alias, found);
      const search = alias.resolve.bind(alias);
      alias.resolve = (doc, context) =>
        context?.anchors.get(found)?.res === undefined ? search(doc, context) : found;
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) named.set(node.anchor, node);
    },
  });
  return anchors;
}

/** The library compares each key with all others. A key that is there twice does not make the rest unreadable. */
function repeatedKeys(document: Document.Parsed, lines: LineCounter): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key) || key.source === "<<") continue;
        if (seen.has(key.value)) {
          const { line } = lines.linePos(key.range?.[0] ?? 0);
          problems.push({ path: [], message: `expected each key once, found ${key.source} again`, line });
        }
        seen.add(key.value);
      }
    },
  });
  return problems;
}
