import { COMPLETE } from './protocol.js';

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

/** How each shell asks. What it offers is decided by the program, so a script holds for every version. */
export const scripts: Readonly<Record<Shell, string>> = {
  bash: `# fragment completion for bash: eval "$(fragment completion bash)"
_fragment() {
  local IFS=$'\\n'
  COMPREPLY=($("$1" ${COMPLETE} "$COMP_CWORD" "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o default -F _fragment fragment
`,
  zsh: `#compdef fragment
# fragment completion for zsh: eval "$(fragment completion zsh)" after compinit
_fragment() {
  local -a found
  local line
  for line in "\${(@f)$("$words[1]" ${COMPLETE} $((CURRENT - 1)) "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( $#found )); then _describe fragment found; else _files; fi
}
compdef _fragment fragment
`,
  fish: `# fragment completion for fish: fragment completion fish | source
function __fragment_complete
  set -l words (commandline -opc)
  set -l begun (commandline -ct)
  set -l found ($words[1] ${COMPLETE} (count $words) $words[2..-1] "$begun" 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path "$begun"
  end
end
complete -c fragment -f -a '(__fragment_complete)'
`,
  powershell: `# fragment completion for PowerShell: fragment completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName fragment -ScriptBlock {
  param($begun, $ast, $position)
  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  $place = $words.Count
  if ($begun -eq '') { $place += 1 }
  fragment ${COMPLETE} $place @words 2>$null | ForEach-Object {
    $word, $about = $_ -split "\`t", 2
    if (-not $about) { $about = $word }
    [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $about)
  }
}
`,
};
