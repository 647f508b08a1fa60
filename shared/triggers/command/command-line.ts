// Puts values into a command: into a line for the shell so that no value ends the word that it stands in, into an
// argument as they are. `${NAME}` and `\{` are the shell's.
import { fillIn, type Values } from "../placeholders.ts";

type Part = {
  text: string;
  /** The quotes that it stands in; "kept" is nobody's business here. */
  within: "none" | "single" | "double" | "kept";
};

/** A whole quoted text, `${`, a character behind a backslash, or anything up to the next of these. */
const parts = /'[^']*'|"(?:\\.|[^"\\])*"|\$\{|\\.|[^'"\\$]+|./gs;
const partsInDouble = /\$\{|\\.|[^\\$]+|./gs;

function partsOf(line: string): Part[] {
  return [...line.matchAll(parts)].flatMap(([text]): Part[] => {
    if (text.length > 1 && text.startsWith("'")) return outsideOfDollars(text, "single");
    if (text.length > 1 && text.startsWith('"')) {
      return [...text.matchAll(partsInDouble)].map(([part]) => ({
        text: part,
        within: keptOr(part, "double"),
      }));
    }
    return [{ text, within: keptOr(text, "none") }];
  });
}

function keptOr(text: string, within: Part["within"]): Part["within"] {
  return text === "${" || (text.length > 1 && text.startsWith("\\")) ? "kept" : within;
}

function outsideOfDollars(text: string, within: Part["within"]): Part[] {
  return text.split(/(\$\{)/).map((part) => ({ text: part, within: keptOr(part, within) }));
}

/** The parts of a line for the shell that may have placeholders. */
export function ownPartsOfLine(line: string): string[] {
  return partsOf(line).flatMap(({ text, within }) => (within === "kept" ? [] : [text]));
}

/** The parts of an argument that may have placeholders. */
export function ownPartsOfArgument(text: string): string[] {
  return text.split("${");
}

export function fillInArgument(text: string, values: Values): string {
  return text
    .split("${")
    .map((part) => fillIn(part, values))
    .join("${");
}

/** Null where a value that needs quotes stands where it cannot be told which. */
export function fillInLine(line: string, values: Values): string | null {
  let isSafe = true;
  const filled = partsOf(line).map(({ text, within }) => {
    if (within === "kept") return text;
    return fillIn(text, values, (value) => {
      if (isHarmless(value)) return value;
      if (isBeyond(line)) isSafe = false;
      return quotes[within](value);
    });
  });
  return isSafe ? filled.join("") : null;
}

function isHarmless(value: string): boolean {
  return /^[\w@%+:,./-]+$/.test(value);
}

/** What the parts do not follow: commands within words, here-documents, comments, `$'…'`, `${A:-…}`, an open quote. */
function isBeyond(line: string): boolean {
  const open = partsOf(line).some(({ text, within }) => within === "none" && /^['"\\]$/.test(text));
  return open || /`|\$[('[]|<<|(?:^|[\s;&|()])#|\$\{(?!\w+\})/.test(line);
}

const quotes: Record<Exclude<Part["within"], "kept">, (value: string) => string> = {
  none: (value) => `'${value.replaceAll("'", "'\\''")}'`,
  single: (value) => value.replaceAll("'", "'\\''"),
  double: (value) => value.replace(/[\\"$`]/g, "\\$&"),
};
