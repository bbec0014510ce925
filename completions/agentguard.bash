# made by: python -m agentguard.cli.completions
_agentguard() {
    local current="${COMP_WORDS[COMP_CWORD]}" path="" words="" runs="" word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$word" in
            -*) ;;
            *) path="${path:+$path }$word" ;;
        esac
    done
    case "$path" in
        "") words="check exec explain rules version --help" ;;
        "check") words="--help" runs=1 ;;
        "exec") words="-c --help" runs=1 ;;
        "explain") words="--json --batch --help" runs=1 ;;
        "rules") words="list new show test --help" ;;
        "rules list") words="--json --help" ;;
        "rules new") words="--title --loses --instead --severity --reversible --program --subcommand --option --operand --stop --run --help" ;;
        "rules show") words="--help" ;;
        "rules test") words="--help" ;;
        "version") words="--help" ;;
    esac
    if [[ -n $words ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$current"))
        [[ -n $runs && $current != -* ]] && COMPREPLY+=($(compgen -c -- "$current"))
    else
        COMPREPLY=($(compgen -f -- "$current"))
    fi
}
complete -F _agentguard agentguard
