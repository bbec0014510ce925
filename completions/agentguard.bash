# made by: python -m agentguard.cli.completions
# What can stand after the words in $1: commands, options, options with a value, arguments by position.
_agentguard_at() {
    commands="" options="" valued="" arguments=() many=""
    case $1 in
        "") commands="approve check completions config deny exec explain install log passphrase pending rules scan shell-dir uninstall version watch" options="-h --help" ;;
        "approve") options="--for -h --help" valued="--for" arguments=("") ;;
        "check") options="-h --help" arguments=("@command") many=1 ;;
        "completions") commands="install uninstall" options="-h --help" ;;
        "completions install") options="--shell --print -h --help" valued="--shell" ;;
        "completions uninstall") options="--shell -h --help" valued="--shell" ;;
        "config") commands="check example path set show" options="-h --help" ;;
        "config check") options="-h --help" arguments=("@files") ;;
        "config example") options="-h --help" ;;
        "config path") options="-h --help" ;;
        "config set") commands="mode shell interactive confirm.wait confirm.expires confirm.notify audit.size audit.keep" options="-h --help" ;;
        "config set mode") options="-h --help" arguments=("observe standard strict") ;;
        "config set shell") options="-h --help" arguments=("@files") ;;
        "config set interactive") options="-h --help" arguments=("human always never") ;;
        "config set confirm.wait") options="-h --help" arguments=("20") ;;
        "config set confirm.expires") options="-h --help" arguments=("10") ;;
        "config set confirm.notify") options="-h --help" arguments=("true false") ;;
        "config set audit.size") options="-h --help" arguments=("16") ;;
        "config set audit.keep") options="-h --help" arguments=("8") ;;
        "config show") options="--json -h --help" ;;
        "deny") options="-h --help" arguments=("" "") many=1 ;;
        "exec") options="-c -h --help" valued="-c" arguments=("@command") many=1 ;;
        "explain") options="--json --batch -h --help" arguments=("@command") many=1 ;;
        "install") commands="git-hook" options="-h --help" ;;
        "install git-hook") options="-h --help" ;;
        "log") commands="verify" options="--verdict --rule --since --harness --cwd --grep -n --json --follow --stats -h --help" valued="--verdict --rule --since --harness --cwd --grep -n" ;;
        "log verify") options="-h --help" ;;
        "passphrase") commands="remove set" options="-h --help" ;;
        "passphrase remove") options="-h --help" ;;
        "passphrase set") options="-h --help" ;;
        "pending") options="--json -h --help" ;;
        "rules") commands="guide list new show test" options="-h --help" ;;
        "rules guide") options="-h --help" ;;
        "rules list") options="--json -h --help" arguments=("@rules") ;;
        "rules new") options="--kind --output --title --loses --instead --severity --reversible --program --subcommand --option --operand --stop --run -h --help" valued="--kind --output --title --loses --instead --severity --reversible --program --subcommand --option --operand --stop --run" arguments=("") ;;
        "rules show") options="-h --help" arguments=("@rules") ;;
        "rules test") options="-h --help" arguments=("@rules @files") ;;
        "scan") options="--fail-on --format --kind --markdown --diff --staged --baseline --write-baseline --jobs --no-ignore -h --help" valued="--fail-on --format --kind --diff --baseline --jobs" arguments=("@files") many=1 ;;
        "shell-dir") options="-h --help" arguments=("@directories") ;;
        "uninstall") commands="git-hook" options="-h --help" ;;
        "uninstall git-hook") options="-h --help" ;;
        "version") options="-h --help" ;;
        "watch") options="-h --help" ;;
    esac
}

# What can follow the option $2 after the words in $1.
_agentguard_values() {
    values=""
    case "$1 $2" in
        "completions install --shell") values="bash zsh fish" ;;
        "completions uninstall --shell") values="bash zsh fish" ;;
        "log --verdict") values="allow ask block" ;;
        "log --rule") values="@rules" ;;
        "log --cwd") values="@directories" ;;
        "rules new --kind") values="call http graphql sql files" ;;
        "rules new --output") values="@files" ;;
        "rules new --severity") values="critical high medium low" ;;
        "rules new --reversible") values="no grace partly yes" ;;
        "scan --fail-on") values="critical high medium low" ;;
        "scan --format") values="text json sarif github gitlab" ;;
        "scan --kind") values="shell make dockerfile workflow gitlab compose package just task sql markdown gha" ;;
    esac
}

_agentguard_rules() {
    local names="" pack="${current%%.*}"
    case $pack in
        aws) names="audit-off backups-off data-delete delete dns-change dynamodb-statement dynamodb-write expiry-on function-settings grant group-max-zero group-zero open-to-all point-in-time-off protection-off query-statement s3-bucket-remove s3-move s3-remove s3-settings s3-sync-delete scale-zero secret-overwrite share sql stop untag" ;;
        aws-operations) names="access forever outage overwrites policy reload wipes" ;;
        azure) names="azcopy-remove azcopy-sync-delete complete-deployment data-delete delete grant group-delete open-to-all public-container public-storage rest stop storage-sync-delete" ;;
        backup) names="borg-delete file-system-features file-system-resize forget lftp-delete loop-detach lvm-convert lvm-remove lvm-shrink minio-delete minio-mirror mount-over option-delete other-delete raid raid-grow raid-stop rclone-delete remount repair repair-hard restore-over restore-root s3cmd-delete s3cmd-sync-delete storage-delete storage-sync-delete umount-hard volume-remove zfs-destroy zpool-destroy" ;;
        cloud) names="data-delete delete detach libvirt-delete libvirt-stop openstack-data-delete openstack-delete openstack-detach stop vm-delete" ;;
        containers) names="buildah-all compose-down compose-down-volumes engine-socket host-namespace host-root host-root-mount image-remove machine-remove privileged prune prune-volumes registry-delete remote-remove remove-all remove-volumes renew-volumes reset runtime-remove service-zero swarm vm-delete volume-remove" ;;
        databases) names="arango bigquery-remove bigquery-replace bigtable cassandra-node celery-purge consul drop-cluster etcd-change etcd-delete-range hbase import-delete influx-delete kafka-delete kafka-offsets kafka-records mysql-password nats-delete neo4j-overwrite pgbackrest pgbench-init rabbitmq rabbitmq-stop rabbitmqadmin redis-admin redis-delete redis-flush redpanda-delete reset-wal restore-over rewind rq-empty stop-immediately surreal" ;;
        dbhosts) names="cache-flush d1-restore fly-import-clean hdfs-delete hdfs-format master-password memcached-tool neon-delete neon-reset planetscale-delete supabase-reset-local supabase-reset-remote supabase-stop turso-destroy" ;;
        disks) names="badblocks copy-over discard dmsetup format format-file parted partition partition-gpt scrub signatures" ;;
        files) names="append-keys append-system autostart chmod-everything chmod-open chmod-secret chmod-setuid chmod-system chmod-wide delete-changed delete-everything-here delete-git delete-home delete-home-files delete-outside delete-outside-some-file delete-outside-something delete-root delete-secret delete-system delete-system-file delete-unknown-tree delete-untracked delete-vital device gio-trash-empty history link-secret move-away overwrite-data overwrite-everything-here overwrite-found overwrite-git overwrite-outside overwrite-secret overwrite-startup overwrite-system overwrite-unsaved protected-chmod protected-delete protected-read protected-write rsync-delete-remote trash-empty wipe write-git-code" ;;
        git) names="bfg bfg-jar credential-fill fast-import-force fetch-over-local fetch-prune-local filter-branch filter-repo gc-now lfs-migrate lfs-prune lose-changes lose-commits lose-ignored lose-stashes lose-untracked prune push-delete push-empty push-force push-force-protected push-mirror push-plus push-plus-protected push-prune reflog-expire remote-remove repack-drop submodule-deinit-force submodule-update-force symbolic-ref-delete update-ref-delete update-ref-stdin worktree-remove-force" ;;
        google) names="data-delete data-overwrite delete grant-everyone grant-owner gsutil-remove gsutil-settings gsutil-sync-delete key-create open-to-all policy-replace project-delete protection-off seek stop storage-move storage-sync-delete" ;;
        guard) names="approve bypass config harness login-shell login-shell-user package process state unguarded-agent unguarded-agent-short unguarded-approval unguarded-mode unguarded-permission unguarded-sandbox unguarded-tools" ;;
        hosts) names="github-clobber github-default-branch github-delete github-merge-admin github-merge-delete github-pr-close-branch github-repo-change github-repo-delete github-repo-visibility github-stop github-sync-force gitlab-api gitlab-delete gitlab-server hub-api other-delete" ;;
        http) names="delete delete-by-name graphql-destroys grpc-destroys put-verb" ;;
        http-endpoints) names="access down end over protection-off store" ;;
        http-providers) names="access action-in-body azure docker-engine docker-host emptied ends github-force graphql-ends graphql-force kubernetes kubernetes-forced messages outage publish query-action redis redis-body replaces repository-settings route53 s3-lifecycle s3-objects search series store-hosted store-whole store-wiped stripe-ends stripe-money upstash vectors whole whole-set" ;;
        infrastructure) names="ansible-reboot ansible-removes cdk-no-approval node-delete playbook-tags playbook-teardown pulumi-config pulumi-destroy pulumi-state pulumi-yes salt-key-delete salt-removes spacelift-delete stack-destroy stack-environment-remove terraform-apply-destroy terraform-apply-plan terraform-auto-approve terraform-destroy terraform-migrate terraform-replace terraform-state terraform-taint terraform-unlock vagrant-destroy" ;;
        kubernetes) names="apply-prune argocd-delete argocd-prune argocd-rollback cluster-admin cluster-delete config-delete delete delete-everything drain dry-run-off eks-drain evict-raw finalize-raw finalizers helm-rollback helm-uninstall helm-upgrade-force helmfile-destroy local-cluster-delete local-clusters-delete-all namespace-delete node-reset node-uninstall oc-admin operator-delete patch-zero pod-delete raw-delete reclaim-delete replace-force rollout-undo scale-zero skaffold-delete storage-delete taint-evict unset-env velero-delete" ;;
        orm) names="alembic-base artisan-fresh artisan-queue artisan-tinker artisan-tinker-input atlas-clean build-tool-clean dbmate-drop diesel-revert-all django-flush django-shell django-shell-input django-zero doctrine-drop doctrine-fixtures drizzle-drop drizzle-push drush-drop ecto-drop ecto-drop-among-others ecto-rollback-all ef-drop ef-zero flyway-clean goose-reset hasura-apply-down hasura-down knex liquibase-drop liquibase-rollback migrate-down-all migrate-drop node-framework phinx-zero prisma-push prisma-reset python-rollback rails-console-input rails-reset rails-runner rust-reset schema-drop sequelize site-drop sqitch-revert step-back step-back-production strapi-replace wordpress-replace wordpress-reset" ;;
        packages) names="access certificates-nuke config-code config-program deno-publish dpkg-remove environment-remove jvm-publish nix-garbage no-certificates other-remove owner pacman-remove plain-gem-source plain-source publish release-tools setup-upload system-autoremove system-remove task-release unpublish untrusted-index upload user-remove xbps-remove yank" ;;
        platforms) names="convex-import convex-run file-server-delete file-server-mirror firebase-delete firebase-deploy-force fly-app-destroy fly-destroy fly-remove fly-scale-zero heroku-api heroku-destroy heroku-remove heroku-scale-zero netlify-delete nomad-node nomad-purge nomad-stop-purge planetscale-deploy render-sql service-delete service-live stripe-money supabase-migrate supabase-push supabase-remove vercel-api vercel-release vercel-remove vercel-settings wrangler-delete wrangler-live wrangler-migrate" ;;
        railway) names="access agent api.access api.agent api.commit-staged api.delete api.patch-deletes api.rollback api.take-down api.to-nothing api.two-factor-off api.unknown-destructive api.variables-replace api.volume-delete api.volume-detach apply-config cloud-agent-gone delete-data delete-files empty-variable purge scale-to-zero show-variables take-down" ;;
        secrets) names="agent-forget authorized-keys aws-configure aws-parameter azure-keys cloud-secret cloud-status-token cloud-token code-environment code-environment-awk code-environment-perl code-environment-php code-environment-print code-environment-python commit consul-value container-environment decrypt decrypt-option export-key gpg-delete hunt item-reveal keychain keystore-delete kubeconfig kubernetes kubernetes-extract kubernetes-template literal manager-read network-keys network-passwords npm-token pass-entry password-store platform-list platform-values print private-key-text process-environment pull-production pulumi-show read send server-password store-delete terraform-output unit-environment use vault-delete vault-write" ;;
        shell) names="decoded-code environment-code generated-code hidden network-code process-bomb" ;;
        sql) names="alter-role alter-table delete-all drop-column drop-database drop-infrastructure drop-object drop-role drop-table explain-analyze generated grant grant-everything insert-overwrite kill-session merge-delete overwrite replace-database replace-table revoke row-security run-program server-file server-operation server-settings side-effect-function superuser truncate update-all writable-schema" ;;
        system) names="account-mac admin-group admin-group-adduser admin-group-member agent-load alternatives-remove at-delete at-remove audit-off bmc-power boot boot-config boot-entries boot-update capabilities crontab-remove crontab-replace crontab-stdin defaults-delete disk-mac dotfiles-delete drive-erase drive-secure-erase firewall-block firewall-delete firewall-flush firewall-other firewall-policy firewall-restore firewalld fuser-kill history-clear history-off ifdown initramfs-deleted integrity-off journal-vacuum kernel-hook kernel-log-clear kernel-parameter kexec kill-all kill-all-dashes kill-init killall log-rotate module-change module-remove network-down network-off packet-filter password password-batch password-root pkill-broad pkill-user pm2-delete power-systemd radio-off reboot remote-overwrite remote-tree-delete root-user runlevel security-off security-off-mac service-remove service-stop service-stop-sysv shared-memory shutdown sudoers-edit sysrq traffic-control user-delete user-lock" ;;
        unlisted) names="destroys destroys-unasked empties nuke" ;;
        vcs) names="hg-discard hg-purge hg-push-force hg-revert hg-strip jj-forget jj-push-deleted p4-obliterate p4-revert svn-cleanup svn-delete svn-revert" ;;
    esac
    if [[ $current == *.* && -n $names ]]; then
        COMPREPLY+=($(compgen -P "$pack." -W "$names" -- "${current#*.}"))
    elif [[ $current != *.* ]]; then
        names=($(compgen -S . -W "aws aws-operations azure backup cloud containers databases dbhosts disks files git google guard hosts http http-endpoints http-providers infrastructure kubernetes orm packages platforms railway secrets shell sql system unlisted vcs" -- "$current"))
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
