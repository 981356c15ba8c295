"""The scripts that make shells ask ``jp __complete``. Its answer is a line for each possibility: the word, a tab, and
what it is; or the single line ``:files``."""

from __future__ import annotations

# Bash breaks words at @, = and :, which stand in addresses; so the line is passed as it is, and what bash thinks is
# before the word is cut off again.
BASH = r"""_jp() {
    local line="${COMP_LINE:0:COMP_POINT}" word="${COMP_LINE:0:COMP_POINT}" answer value
    word="${word##*[[:space:]]}"
    local cut="${word%"${word##*[@=:]}"}"
    case "$COMP_WORDBREAKS" in *@*) ;; *) cut="${cut##*@}" ;; esac
    COMPREPLY=()
    while IFS= read -r answer; do
        if [ "$answer" = ":files" ]; then
            compopt -o default
            return
        fi
        value="${answer%%$'\t'*}"
        COMPREPLY+=("${value#"$cut"}")
    done < <(jp __complete --line "$line" 2>/dev/null)
}
complete -F _jp jp"""

ZSH = r"""#compdef jp
_jp() {
    local -a answers possible
    local answer value
    answers=("${(@f)$(jp __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    for answer in "${answers[@]}"; do
        [[ -z "$answer" ]] && continue
        if [[ "$answer" == ":files" ]]; then
            _files
            return
        fi
        value="${answer%%$'\t'*}"
        possible+=("${value//:/\\:}:${answer#*$'\t'}")
    done
    _describe -t jp jp possible
}
compdef _jp jp"""

FISH = r"""function __jp_complete
    set -l words (commandline -opc) (commandline -ct)
    for answer in (jp __complete -- $words[2..-1] 2>/dev/null)
        if test "$answer" = ":files"
            __fish_complete_path (commandline -ct)
        else
            echo $answer
        end
    end
end
complete -c jp -f -a '(__jp_complete)'"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
