"""The completion for bash, 3.2 and later. It starts no program and reads no file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agentguard.cli.completing.tree import Place, filled

_SCRIPT = r"""# %NOTE%
# What can stand after the words in $1: commands, options, options with a value, arguments by position.
_agentguard_at() {
    commands="" options="" valued="" arguments=() many=""
    case $1 in
%PLACES%
    esac
}

# What can follow the option $2 after the words in $1.
_agentguard_values() {
    values=""
    case "$1 $2" in
%VALUES%
    esac
}

_agentguard_rules() {
    local names="" pack="${current%%.*}"
    case $pack in
%RULES%
    esac
    if [[ $current == *.* && -n $names ]]; then
        COMPREPLY+=($(compgen -P "$pack." -W "$names" -- "${current#*.}"))
    elif [[ $current != *.* ]]; then
        names=($(compgen -S . -W "%PACKS%" -- "$current"))
        COMPREPLY+=("${names[@]}")
        ((${#names[@]})) && compopt -o nospace 2> /dev/null
    fi
}

_agentguard_paths() {
    local line
    compopt -o filenames 2> /dev/null
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(compgen "$1" -- "$current")
}

# The words from number $1 on are a command line of their own.
_agentguard_command() {
    if declare -F _comp_command_offset > /dev/null; then
        _comp_command_offset "$1"
    elif declare -F _command_offset > /dev/null; then
        _command_offset "$1"
    elif ((COMP_CWORD == $1)) && [[ $current != */* ]]; then
        COMPREPLY=($(compgen -c -- "$current"))
    else
        _agentguard_paths -f
    fi
}

_agentguard() {
    local current="${COMP_WORDS[COMP_CWORD]}" place="" word words="" plain="" offered="" taken=0 i IFS=$' \t\n'
    local commands options valued values many arguments
    COMPREPLY=()
    _agentguard_at ""
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -z $plain && $word == -- ]]; then
            plain=1
        elif [[ -z $plain && $word == -?* ]]; then
            [[ " $valued " == *" $word "* ]] || continue
            ((i++))
            [[ ${COMP_WORDS[i]} == "=" ]] && ((i < COMP_CWORD)) && ((i++))
            [[ $current == "=" && $i == "$COMP_CWORD" ]] && current=""
            if ((i >= COMP_CWORD)); then
                _agentguard_values "$place" "$word"
                offered=$values
                [[ -n $offered ]] || return 0
            fi
        elif [[ -n $commands && $taken == 0 ]]; then
            [[ " $commands " == *" $word "* ]] || return 0
            place="${place:+$place }$word"
            _agentguard_at "$place"
        elif [[ ${arguments[taken]} == @command ]]; then
            _agentguard_command "$i"
            return 0
        else
            [[ -n $many && $taken == $((${#arguments[@]} - 1)) ]] || ((taken++))
        fi
    done
    if [[ -z $offered ]]; then
        if [[ -z $plain && $current == -* ]]; then
            offered=$options
        elif [[ -n $commands ]]; then
            offered=$commands
        else
            offered=${arguments[taken]}
            [[ -z $plain && -z $current && ${#arguments[@]} == 0 ]] && offered=$options
        fi
    fi
    for word in $offered; do
        case $word in
            @files) _agentguard_paths -f ;;
            @directories) _agentguard_paths -d ;;
            @rules) _agentguard_rules ;;
            @command) _agentguard_command "$COMP_CWORD" ;;
            *) words="$words $word" ;;
        esac
    done
    [[ -z $words ]] || COMPREPLY+=($(compgen -W "$words" -- "$current"))
}
complete -F _agentguard agentguard
"""


def script(places: Sequence[Place], rules: Mapping[str, list[str]], note: str) -> str:
    """The content of the file."""
    parts = {
        "NOTE": note,
        "PLACES": "\n".join(_place(place) for place in places),
        "VALUES": "\n".join(line for place in places for line in _values(place)),
        "RULES": "\n".join(f'        {pack}) names="{" ".join(names)}" ;;' for pack, names in rules.items()),
        "PACKS": " ".join(rules),
    }
    return filled(_SCRIPT, parts)


def _place(place: Place) -> str:
    options = " ".join(spelling for option in place.options for spelling in option.spellings)
    fields = [
        ("commands", '"' + " ".join(name for name, _ in place.children) + '"' if place.children else ""),
        ("options", f'"{options}"' if options else ""),
        ("valued", '"' + " ".join(place.valued) + '"' if place.valued else ""),
        ("arguments", "(" + " ".join(f'"{" ".join(item.values)}"' for item in place.arguments) + ")"
         if place.arguments else ""),
        ("many", "1" if any(item.many for item in place.arguments) else ""),
    ]  # fmt: skip
    given = " ".join(f"{name}={value}" for name, value in fields if value)
    return f'        "{place.key}") {given} ;;'


def _values(place: Place) -> Iterator[str]:
    for option in place.options:
        if option.values:
            cases = "|".join(f'"{place.key} {name}"' for name in option.spellings)
            yield f'        {cases}) values="{" ".join(option.values)}" ;;'
