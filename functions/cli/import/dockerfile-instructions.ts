// Splits a Dockerfile into instructions. Handles directives, comments, continued lines and heredocs.

export type Instruction = { keyword: string; rest: string; line: number };

export function readInstructions(text: string): Instruction[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const continuation = escapeCharacter(lines);
  const instructions: Instruction[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (isIgnored(line)) continue;
    const start = at;
    const parts: string[] = [];
    let part = line;
    for (;;) {
      const trimmed = part.trimEnd();
      const continues = trimmed.endsWith(continuation);
      parts.push(continues ? trimmed.slice(0, -1) : part);
      if (!continues) break;
      at += 1;
      while (at < lines.length && isIgnored(lines[at] ?? "")) at += 1;
      if (at >= lines.length) break;
      part = lines[at] ?? "";
    }
    const whole = parts.join("").trim();
    const keyword = (/^\S+/.exec(whole)?.[0] ?? "").toUpperCase();
    instructions.push({ keyword, rest: whole.slice(keyword.length).trim(), line: start + 1 });
    at = afterHeredocs(keyword, whole, lines, at);
  }
  return instructions;
}

/** Comments and empty lines are ignored, also within an instruction. */
function isIgnored(line: string): boolean {
  return /^\s*(?:#|$)/.test(line);
}

/** From the directive `# escape=`. Directives are at the top, before any other comment. */
function escapeCharacter(lines: readonly string[]): string {
  for (const line of lines) {
    const directive = /^#\s*(\w+)\s*=\s*(\S+)\s*$/.exec(line);
    if (directive === null) return "\\";
    if (directive[1]?.toLowerCase() === "escape") return directive[2] === "`" ? "`" : "\\";
  }
  return "\\";
}

/** The last line of the heredocs that an instruction opens. A `<<` without an end is not a heredoc. */
function afterHeredocs(keyword: string, text: string, lines: readonly string[], from: number): number {
  if (!["RUN", "COPY", "ADD", "ONBUILD"].includes(keyword) || !text.includes("<<")) return from;
  let at = from;
  for (const word of shellWords(text)) {
    const opening = /^\d*<<(-?)(["']?)([A-Za-z_][\w.-]*)\2(?=$|[;|&>)])/.exec(word);
    if (opening === null) continue;
    const [, dash, , end] = opening;
    let last = at + 1;
    while (last < lines.length && endOf(lines[last] ?? "", dash === "-") !== end) last += 1;
    if (last < lines.length) at = last;
  }
  return at;
}

function endOf(line: string, withTabs: boolean): string {
  return withTabs ? line.replace(/^\t+/, "") : line;
}

/** The words as the shell splits them, including quotes: a quoted `<<` does not open a heredoc. */
function shellWords(text: string): string[] {
  const words: string[] = [];
  let start = -1;
  let quoted: string | null = null;
  for (let at = 0; at <= text.length; at += 1) {
    const character = text[at];
    const isEnd = character === undefined || (quoted === null && /\s/.test(character));
    if (isEnd) {
      if (start !== -1) words.push(text.slice(start, at));
      start = -1;
      continue;
    }
    if (start === -1) start = at;
    if (character === "\\" && quoted !== "'") at += 1;
    else if (quoted === null && (character === '"' || character === "'")) quoted = character;
    else if (character === quoted) quoted = null;
  }
  return words;
}
