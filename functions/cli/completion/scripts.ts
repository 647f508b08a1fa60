// Completion scripts for shells. Each passes the current line to `tagrelay complete`, and offers files if it prints
// nothing.
import { exitCodes } from "../cli-error.ts";
import { type Io, print } from "../io.ts";
import type { Shell } from "./shells.ts";

const scripts: Record<Shell, string> = {
  // Bash splits words at colons: of a name such as acme/web:latest, it inserts only the part after the colon.
  bash: `_tagrelay() {
  local line=\${COMP_LINE:0:COMP_POINT} word found
  word=\${line##* }
  COMPREPLY=()
  while IFS=$'\\t' read -r found _; do
    [[ $word == *:* && $COMP_WORDBREAKS == *:* ]] && found=\${found#"\${word%:*}:"}
    COMPREPLY+=("$found")
  done < <(tagrelay complete "$line" 2>/dev/null)
}
complete -o default -F _tagrelay tagrelay`,
  zsh: `_tagrelay() {
  local -a found
  local line tab=$'\\t'
  for line in "\${(@f)$(tagrelay complete "\${(j: :)words[1,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line%%$tab*}//:/\\\\:}:\${line#*$tab}")
  done
  if (( $#found )); then _describe tagrelay found; else _files; fi
}
compdef _tagrelay tagrelay`,
  fish: `function _tagrelay
  set -l found (tagrelay complete (commandline -cp) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c tagrelay -f -a '(_tagrelay)'`,
};

export function printScript(io: Io, shell: Shell) {
  print(io, scripts[shell]);
  return exitCodes.success;
}
