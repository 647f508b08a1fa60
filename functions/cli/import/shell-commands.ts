// Splits a shell command line into commands and words.

/** `a 'b c' && d; e` → [["a", "b c"], ["d"], ["e"]]. Does not expand variables. */
export function shellCommands(line: string): string[][] {
  const commands: string[][] = [];
  let words: string[] = [];
  let word: string | null = null;
  let quoted: string | null = null;
  const endWord = () => {
    if (word !== null) words.push(word);
    word = null;
  };
  const endCommand = () => {
    endWord();
    if (words.length > 0) commands.push(words);
    words = [];
  };
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? "";
    if (character === "\\" && quoted !== "'") {
      at += 1;
      word = `${word ?? ""}${line[at] ?? ""}`;
    } else if (quoted !== null) {
      if (character === quoted) quoted = null;
      else word = `${word ?? ""}${character}`;
    } else if (character === '"' || character === "'") {
      quoted = character;
      word = word ?? "";
    } else if (character === "#" && word === null) break;
    else if (/[;&|()]/.test(character)) endCommand();
    else if (/\s/.test(character)) endWord();
    else word = `${word ?? ""}${character}`;
  }
  endCommand();
  return commands;
}
