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
        "") words="approve check config deny exec explain log passphrase pending rules shell-dir version watch -h --help" ;;
        "approve") words="--for -h --help" ;;
        "check") words="-h --help" runs=1 ;;
        "config") words="check example path set show -h --help" ;;
        "config check") words="-h --help" ;;
        "config example") words="-h --help" ;;
        "config path") words="-h --help" ;;
        "config set") words="-h --help" ;;
        "config show") words="--json -h --help" ;;
        "deny") words="-h --help" ;;
        "exec") words="-c -h --help" runs=1 ;;
        "explain") words="--json --batch -h --help" runs=1 ;;
        "log") words="verify --verdict --rule --since --harness --cwd --grep -n --json --follow --stats -h --help" ;;
        "log verify") words="-h --help" ;;
        "passphrase") words="remove set -h --help" ;;
        "passphrase remove") words="-h --help" ;;
        "passphrase set") words="-h --help" ;;
        "pending") words="--json -h --help" ;;
        "rules") words="list new show test -h --help" ;;
        "rules list") words="--json -h --help" ;;
        "rules new") words="--title --loses --instead --severity --reversible --program --subcommand --option --operand --stop --run -h --help" ;;
        "rules show") words="-h --help" ;;
        "rules test") words="-h --help" ;;
        "shell-dir") words="-h --help" ;;
        "version") words="-h --help" ;;
        "watch") words="-h --help" ;;
    esac
    if [[ -n $words ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$current"))
        [[ -n $runs && $current != -* ]] && COMPREPLY+=($(compgen -c -- "$current"))
    else
        COMPREPLY=($(compgen -f -- "$current"))
    fi
}
complete -F _agentguard agentguard
