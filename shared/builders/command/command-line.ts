// Fills values into a command. In a shell command they are quoted so that none can end the word around it; in an argument
// they stay as they are. `${NAME}` and `\{` belong to the shell.
import { fillIn, type Values } from "../placeholders.ts";

type Part = {
  text: string;
  /** The quotes around it; "kept" is a part without placeholders. */
  within: "none" | "single" | "double" | "kept";
};

/** A quoted text, `${`, an escaped character, or anything up to the next of these. */
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

/** The parts of a shell command that may have placeholders. */
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

/** Null if a value needs quotes, and the command is too complex to tell which. */
export function fillInLine(line: string, values: Values): string | null {
  let isSafe = true;
  const filled = partsOf(line).map(({ text, within }) => {
    if (within === "kept") return text;
    return fillIn(text, values, (value) => {
      if (needsNoQuotes(value)) return value;
      if (isTooComplex(line)) isSafe = false;
      return quotes[within](value);
    });
  });
  return isSafe ? filled.join("") : null;
}

function needsNoQuotes(value: string): boolean {
  return /^[\w@%+:,./-]+$/.test(value);
}

/** `partsOf` does not understand command substitution, here-documents, comments, `$'…'`, `${A:-…}` or an open quote. */
function isTooComplex(line: string): boolean {
  const open = partsOf(line).some(({ text, within }) => within === "none" && /^['"\\]$/.test(text));
  return open || /`|\$[('[]|<<|(?:^|[\s;&|()])#|\$\{(?!\w+\})/.test(line);
}

const quotes: Record<Exclude<Part["within"], "kept">, (value: string) => string> = {
  none: (value) => `'${value.replaceAll("'", "'\\''")}'`,
  single: (value) => value.replaceAll("'", "'\\''"),
  double: (value) => value.replace(/[\\"$`]/g, "\\$&"),
};
