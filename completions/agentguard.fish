# made by: python -m agentguard.cli.completions
# The command that is typed, as far as it is known, goes to __agentguard_place, the number of its arguments to
# __agentguard_taken, and whether options are over to __agentguard_plain.
function __agentguard_read
    set -g __agentguard_place ''
    set -g __agentguard_taken 0
    set -g __agentguard_plain 0
    set -g __agentguard_rest
    set -l words (commandline -opc)
    set -l commands
    set -l valued
    __agentguard_at ''
    set -l skip 0
    for number in (seq 2 (count $words))
        set -l word $words[$number]
        if test $skip = 1
            set skip 0
        else if test $__agentguard_plain = 0 -a "$word" = --
            set __agentguard_plain 1
        else if test $__agentguard_plain = 0; and string match -qr -- '^-.' $word
            contains -- $word $valued; and set skip 1
        else if set -q commands[1]; and test $__agentguard_taken = 0; and contains -- $word $commands
            set __agentguard_place (string trim -- "$__agentguard_place $word")
            __agentguard_at $__agentguard_place
        else
            test $__agentguard_taken = 0; and set __agentguard_rest $words[$number..-1]
            set __agentguard_taken (math $__agentguard_taken + 1)
        end
    end
end

function __agentguard_at --no-scope-shadowing
    set commands
    set valued
    switch $argv[1]
        case ''
            set commands approve check completions config deny exec explain install log passphrase pending rules scan shell-dir uninstall version watch
        case 'approve'
            set valued --for
        case 'completions'
            set commands install uninstall
        case 'completions install'
            set valued --shell
        case 'completions uninstall'
            set valued --shell
        case 'config'
            set commands check example path set show
        case 'config set'
            set commands mode shell interactive confirm.wait confirm.expires confirm.notify audit.size audit.keep
        case 'exec'
            set valued -c
        case 'install'
            set commands git-hook
        case 'log'
            set commands verify
            set valued --verdict --rule --since --harness --cwd --grep -n
        case 'passphrase'
            set commands remove set
        case 'rules'
            set commands guide list new show test
        case 'rules new'
            set valued --kind --output --title --loses --instead --severity --reversible --program --subcommand --option --operand --stop --run
        case 'scan'
            set valued --fail-on --format --kind --diff --baseline --jobs
        case 'uninstall'
            set commands git-hook
    end
end

# Whether the words so far are the command in the first argument; with a second one, whether so many arguments of it
# stand there (a + at its end: so many or more).
function __agentguard_is
    __agentguard_read
    test "$argv[1]" = "$__agentguard_place"; or return 1
    switch "$argv[2]"
        case ''
            test $__agentguard_plain = 0 -a $__agentguard_taken = 0
        case 'options'
            test $__agentguard_plain = 0
        case '*+'
            test $__agentguard_taken -ge (string trim -r -c + -- $argv[2])
        case '*'
            test $__agentguard_taken = $argv[2]
    end
end

function __agentguard_rules
    set -l names
    set -l parts (string split -m 1 . -- (commandline -ct))
    switch "$parts[1]"
        case aws
            set names audit-off backups-off data-delete delete dns-change dynamodb-statement dynamodb-write expiry-on function-settings grant group-max-zero group-zero open-to-all point-in-time-off protection-off query-statement s3-bucket-remove s3-move s3-remove s3-settings s3-sync-delete scale-zero secret-overwrite share sql stop untag
        case aws-operations
            set names access forever outage overwrites policy reload wipes
        case azure
            set names azcopy-remove azcopy-sync-delete complete-deployment data-delete delete grant group-delete open-to-all public-container public-storage rest stop storage-sync-delete
        case backup
            set names borg-delete file-system-features file-system-resize forget lftp-delete loop-detach lvm-convert lvm-remove lvm-shrink minio-delete minio-mirror mount-over option-delete other-delete raid raid-grow raid-stop rclone-delete remount repair repair-hard restore-over restore-root s3cmd-delete s3cmd-sync-delete storage-delete storage-sync-delete umount-hard volume-remove zfs-destroy zpool-destroy
        case cloud
            set names data-delete delete detach libvirt-delete libvirt-stop openstack-data-delete openstack-delete openstack-detach stop vm-delete
        case containers
            set names buildah-all compose-down compose-down-volumes engine-socket host-namespace host-root host-root-mount image-remove machine-remove privileged prune prune-volumes registry-delete remote-remove remove-all remove-volumes renew-volumes reset runtime-remove service-zero swarm vm-delete volume-remove
        case databases
            set names arango bigquery-remove bigquery-replace bigtable cassandra-node celery-purge consul drop-cluster etcd-change etcd-delete-range hbase import-delete influx-delete kafka-delete kafka-offsets kafka-records mysql-password nats-delete neo4j-overwrite pgbackrest pgbench-init rabbitmq rabbitmq-stop rabbitmqadmin redis-admin redis-delete redis-flush redpanda-delete reset-wal restore-over rewind rq-empty stop-immediately surreal
        case dbhosts
            set names cache-flush d1-restore fly-import-clean hdfs-delete hdfs-format master-password memcached-tool neon-delete neon-reset planetscale-delete supabase-reset-local supabase-reset-remote supabase-stop turso-destroy
        case disks
            set names badblocks copy-over discard dmsetup format format-file parted partition partition-gpt scrub signatures
        case files
            set names append-keys append-system autostart chmod-everything chmod-open chmod-secret chmod-setuid chmod-system chmod-wide delete-changed delete-everything-here delete-git delete-home delete-home-files delete-outside delete-outside-some-file delete-outside-something delete-root delete-secret delete-system delete-system-file delete-unknown-tree delete-untracked delete-vital device gio-trash-empty history link-secret move-away overwrite-data overwrite-everything-here overwrite-found overwrite-git overwrite-outside overwrite-secret overwrite-startup overwrite-system overwrite-unsaved protected-chmod protected-delete protected-read protected-write rsync-delete-remote trash-empty wipe write-git-code
        case git
            set names bfg bfg-jar credential-fill fast-import-force fetch-over-local fetch-prune-local filter-branch filter-repo gc-now lfs-migrate lfs-prune lose-changes lose-commits lose-ignored lose-stashes lose-untracked prune push-delete push-empty push-force push-force-protected push-mirror push-plus push-plus-protected push-prune reflog-expire remote-remove repack-drop submodule-deinit-force submodule-update-force symbolic-ref-delete update-ref-delete update-ref-stdin worktree-remove-force
        case google
            set names data-delete data-overwrite delete grant-everyone grant-owner gsutil-remove gsutil-settings gsutil-sync-delete key-create open-to-all policy-replace project-delete protection-off seek stop storage-move storage-sync-delete
        case guard
            set names approve bypass config harness login-shell login-shell-user package process state unguarded-agent unguarded-agent-short unguarded-approval unguarded-mode unguarded-permission unguarded-sandbox unguarded-tools
        case hosts
            set names github-clobber github-default-branch github-delete github-merge-admin github-merge-delete github-pr-close-branch github-repo-change github-repo-delete github-repo-visibility github-stop github-sync-force gitlab-api gitlab-delete gitlab-server hub-api other-delete
        case http
            set names delete delete-by-name graphql-destroys grpc-destroys put-verb
        case http-endpoints
            set names access down end over protection-off store
        case http-providers
            set names access action-in-body azure docker-engine docker-host emptied ends github-force graphql-ends graphql-force kubernetes kubernetes-forced messages outage publish query-action redis redis-body replaces repository-settings route53 s3-lifecycle s3-objects search series store-hosted store-whole store-wiped stripe-ends stripe-money upstash vectors whole whole-set
        case infrastructure
            set names ansible-reboot ansible-removes cdk-no-approval node-delete playbook-tags playbook-teardown pulumi-config pulumi-destroy pulumi-state pulumi-yes salt-key-delete salt-removes spacelift-delete stack-destroy stack-environment-remove terraform-apply-destroy terraform-apply-plan terraform-auto-approve terraform-destroy terraform-migrate terraform-replace terraform-state terraform-taint terraform-unlock vagrant-destroy
        case kubernetes
            set names apply-prune argocd-delete argocd-prune argocd-rollback cluster-admin cluster-delete config-delete delete delete-everything drain dry-run-off eks-drain evict-raw finalize-raw finalizers helm-rollback helm-uninstall helm-upgrade-force helmfile-destroy local-cluster-delete local-clusters-delete-all namespace-delete node-reset node-uninstall oc-admin operator-delete patch-zero pod-delete raw-delete reclaim-delete replace-force rollout-undo scale-zero skaffold-delete storage-delete taint-evict unset-env velero-delete
        case orm
            set names alembic-base artisan-fresh artisan-queue artisan-tinker artisan-tinker-input atlas-clean build-tool-clean dbmate-drop diesel-revert-all django-flush django-shell django-shell-input django-zero doctrine-drop doctrine-fixtures drizzle-drop drizzle-push drush-drop ecto-drop ecto-drop-among-others ecto-rollback-all ef-drop ef-zero flyway-clean goose-reset hasura-apply-down hasura-down knex liquibase-drop liquibase-rollback migrate-down-all migrate-drop node-framework phinx-zero prisma-push prisma-reset python-rollback rails-console-input rails-reset rails-runner rust-reset schema-drop sequelize site-drop sqitch-revert step-back step-back-production strapi-replace wordpress-replace wordpress-reset
        case packages
            set names access certificates-nuke config-code config-program deno-publish dpkg-remove environment-remove jvm-publish nix-garbage no-certificates other-remove owner pacman-remove plain-gem-source plain-source publish release-tools setup-upload system-autoremove system-remove task-release unpublish untrusted-index upload user-remove xbps-remove yank
        case platforms
            set names convex-import convex-run file-server-delete file-server-mirror firebase-delete firebase-deploy-force fly-app-destroy fly-destroy fly-remove fly-scale-zero heroku-api heroku-destroy heroku-remove heroku-scale-zero netlify-delete nomad-node nomad-purge nomad-stop-purge planetscale-deploy render-sql service-delete service-live stripe-money supabase-migrate supabase-push supabase-remove vercel-api vercel-release vercel-remove vercel-settings wrangler-delete wrangler-live wrangler-migrate
        case railway
            set names access agent api.access api.agent api.commit-staged api.delete api.patch-deletes api.rollback api.take-down api.to-nothing api.two-factor-off api.unknown-destructive api.variables-replace api.volume-delete api.volume-detach apply-config cloud-agent-gone delete-data delete-files empty-variable purge scale-to-zero show-variables take-down
        case secrets
            set names agent-forget authorized-keys aws-configure aws-parameter azure-keys cloud-secret cloud-status-token cloud-token code-environment code-environment-awk code-environment-perl code-environment-php code-environment-print code-environment-python commit consul-value container-environment decrypt decrypt-option export-key gpg-delete hunt item-reveal keychain keystore-delete kubeconfig kubernetes kubernetes-extract kubernetes-template literal manager-read network-keys network-passwords npm-token pass-entry password-store platform-list platform-values print private-key-text process-environment pull-production pulumi-show read send server-password store-delete terraform-output unit-environment use vault-delete vault-write
        case shell
            set names decoded-code environment-code generated-code hidden network-code process-bomb
        case sql
            set names alter-role alter-table delete-all drop-column drop-database drop-infrastructure drop-object drop-role drop-table explain-analyze generated grant grant-everything insert-overwrite kill-session merge-delete overwrite replace-database replace-table revoke row-security run-program server-file server-operation server-settings side-effect-function superuser truncate update-all writable-schema
        case system
            set names account-mac admin-group admin-group-adduser admin-group-member agent-load alternatives-remove at-delete at-remove audit-off bmc-power boot boot-config boot-entries boot-update capabilities crontab-remove crontab-replace crontab-stdin defaults-delete disk-mac dotfiles-delete drive-erase drive-secure-erase firewall-block firewall-delete firewall-flush firewall-other firewall-policy firewall-restore firewalld fuser-kill history-clear history-off ifdown initramfs-deleted integrity-off journal-vacuum kernel-hook kernel-log-clear kernel-parameter kexec kill-all kill-all-dashes kill-init killall log-rotate module-change module-remove network-down network-off packet-filter password password-batch password-root pkill-broad pkill-user pm2-delete power-systemd radio-off reboot remote-overwrite remote-tree-delete root-user runlevel security-off security-off-mac service-remove service-stop service-stop-sysv shared-memory shutdown sudoers-edit sysrq traffic-control user-delete user-lock
        case unlisted
            set names destroys destroys-unasked empties nuke
        case vcs
            set names hg-discard hg-purge hg-push-force hg-revert hg-strip jj-forget jj-push-deleted p4-obliterate p4-revert svn-cleanup svn-delete svn-revert
    end
    if set -q parts[2]
        set -q names[1]; and printf "$parts[1].%s\n" $names
    else
        printf '%s.\n' aws aws-operations azure backup cloud containers databases dbhosts disks files git google guard hosts http http-endpoints http-providers infrastructure kubernetes orm packages platforms railway secrets shell sql system unlisted vcs
    end
end

# What follows is a command line of its own.
function __agentguard_command
    set -l current (commandline -ct)
    if not set -q __agentguard_rest[1]; and test $__agentguard_plain = 0; and string match -q -- '-*' $current
        return
    end
    set -l line (string escape -- $__agentguard_rest) $current
    complete -C"$line"
end

complete -c agentguard -f
complete -c agentguard -n '__agentguard_is ""' -a approve -d 'Show request ID and, after your yes, let its command run once.'
complete -c agentguard -n '__agentguard_is ""' -a check -d 'Judge TEXT silently; nothing is run.'
complete -c agentguard -n '__agentguard_is ""' -a completions -d 'Install completions for bash, zsh or fish, for you alone.'
complete -c agentguard -n '__agentguard_is ""' -a config -d 'Show, check and change the configuration.'
complete -c agentguard -n '__agentguard_is ""' -a deny -d 'Refuse request ID; REASON is shown to whoever asked.'
complete -c agentguard -n '__agentguard_is ""' -a exec -d 'Run a command: WORDS exactly as given, or the text of -c.'
complete -c agentguard -n '__agentguard_is ""' -a explain -d 'Explain the verdict on TEXT, a shell command; nothing is run.'
complete -c agentguard -n '__agentguard_is ""' -a install -d 'Put agentguard where it is asked before something happens.'
complete -c agentguard -n '__agentguard_is ""' -a log -d 'Show the commands that were judged and how they were answered, the latest last.'
complete -c agentguard -n '__agentguard_is ""' -a passphrase -d 'A passphrase that approving asks for, so that nothing which merely types can...'
complete -c agentguard -n '__agentguard_is ""' -a pending -d 'List the requests that wait for a person.'
complete -c agentguard -n '__agentguard_is ""' -a rules -d 'List, show, prove and write rules.'
complete -c agentguard -n '__agentguard_is ""' -a scan -d 'Find destructive commands in PATHS: files, directories, - for standard input...'
complete -c agentguard -n '__agentguard_is ""' -a shell-dir -d 'Make a directory with the shells bash, sh and zsh, and print its path.'
complete -c agentguard -n '__agentguard_is ""' -a uninstall -d 'Take away what agentguard install put there.'
complete -c agentguard -n '__agentguard_is ""' -a version -d 'Print the version.'
complete -c agentguard -n '__agentguard_is ""' -a watch -d 'Show requests as they come and answer them: j/k or arrows select, Enter shows...'
complete -c agentguard -n '__agentguard_is "" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "approve" options' -l for -x -d 'Let the same operations run so long: 30m.'
complete -c agentguard -n '__agentguard_is "approve" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "check"' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "check" 0+' -a '(__agentguard_command)'
complete -c agentguard -n '__agentguard_is "completions"' -a install -d 'Write the completions to where your shell looks for them, and say what is...'
complete -c agentguard -n '__agentguard_is "completions"' -a uninstall -d 'Remove what install wrote.'
complete -c agentguard -n '__agentguard_is "completions" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "completions install" options' -l shell -x -a 'bash zsh fish' -d 'For this shell; default: yours, by $SHELL.'
complete -c agentguard -n '__agentguard_is "completions install" options' -l print -d 'Print the file instead; nothing is written.'
complete -c agentguard -n '__agentguard_is "completions install" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "completions uninstall" options' -l shell -x -a 'bash zsh fish' -d 'For this shell; default: yours, by $SHELL.'
complete -c agentguard -n '__agentguard_is "completions uninstall" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "config"' -a check -d 'Check FILE, or every file that holds in this directory.'
complete -c agentguard -n '__agentguard_is "config"' -a example -d 'Print a complete configuration file with comments.'
complete -c agentguard -n '__agentguard_is "config"' -a path -d 'Print where the configuration files lie: managed, user, then the project...'
complete -c agentguard -n '__agentguard_is "config"' -a set -d 'Set KEY (mode, shell, interactive, confirm.wait …) to VALUE in your own file.'
complete -c agentguard -n '__agentguard_is "config"' -a show -d 'Show every value that holds in this directory, and the file and line that...'
complete -c agentguard -n '__agentguard_is "config" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "config check" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "config check" 0' -a '(__fish_complete_path (commandline -ct))'
complete -c agentguard -n '__agentguard_is "config example" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "config path" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "config set"' -a mode -d 'how strict'
complete -c agentguard -n '__agentguard_is "config set"' -a shell -d 'the real shell'
complete -c agentguard -n '__agentguard_is "config set"' -a interactive -d 'who gets a plain shell without a command'
complete -c agentguard -n '__agentguard_is "config set"' -a confirm.wait -d 'seconds that a command waits for an answer'
complete -c agentguard -n '__agentguard_is "config set"' -a confirm.expires -d 'minutes that an approval is good for'
complete -c agentguard -n '__agentguard_is "config set"' -a confirm.notify -d 'a desktop notification for a question'
complete -c agentguard -n '__agentguard_is "config set"' -a audit.size -d 'MiB in one file of the log'
complete -c agentguard -n '__agentguard_is "config set"' -a audit.keep -d 'older files of the log that are kept'
complete -c agentguard -n '__agentguard_is "config set" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "config set mode" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "config set mode" 0' -a 'observe standard strict'
complete -c agentguard -n '__agentguard_is "config set shell" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "config set shell" 0' -a '(__fish_complete_path (commandline -ct))'
complete -c agentguard -n '__agentguard_is "config set interactive" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "config set interactive" 0' -a 'human always never'
complete -c agentguard -n '__agentguard_is "config set confirm.wait" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "config set confirm.wait" 0' -a '20'
complete -c agentguard -n '__agentguard_is "config set confirm.expires" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "config set confirm.expires" 0' -a '10'
complete -c agentguard -n '__agentguard_is "config set confirm.notify" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "config set confirm.notify" 0' -a 'true false'
complete -c agentguard -n '__agentguard_is "config set audit.size" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "config set audit.size" 0' -a '16'
complete -c agentguard -n '__agentguard_is "config set audit.keep" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "config set audit.keep" 0' -a '8'
complete -c agentguard -n '__agentguard_is "config show" options' -l json -d 'Print JSON.'
complete -c agentguard -n '__agentguard_is "config show" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "deny" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "exec"' -s c -x -d 'Run this command text instead of words.'
complete -c agentguard -n '__agentguard_is "exec"' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "exec" 0+' -a '(__agentguard_command)'
complete -c agentguard -n '__agentguard_is "explain"' -l json -d 'Print one JSON object with invocations and operations.'
complete -c agentguard -n '__agentguard_is "explain"' -l batch -d 'Read JSON Lines on standard input, answer each on standard output.'
complete -c agentguard -n '__agentguard_is "explain"' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "explain" 0+' -a '(__agentguard_command)'
complete -c agentguard -n '__agentguard_is "install"' -a git-hook -d 'Scan what is staged before each commit in this repository.'
complete -c agentguard -n '__agentguard_is "install" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "install git-hook" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "log"' -a verify -d 'Follow the chain through the whole log and name the first line that is not as...'
complete -c agentguard -n '__agentguard_is "log" options' -l verdict -x -a 'allow ask block' -d 'Only commands with this verdict.'
complete -c agentguard -n '__agentguard_is "log" options' -l rule -x -a '(__agentguard_rules)' -d 'Only commands with a finding whose rule fits this glob.'
complete -c agentguard -n '__agentguard_is "log" options' -l since -x -d 'Only from this time on: 30m, 2h, 7d, or 2026-01-31, a day in UTC.'
complete -c agentguard -n '__agentguard_is "log" options' -l harness -x -d 'Only commands of this harness.'
complete -c agentguard -n '__agentguard_is "log" options' -l cwd -x -a '(__fish_complete_directories (commandline -ct))' -d 'Only commands in this directory or below it.'
complete -c agentguard -n '__agentguard_is "log" options' -l grep -x -d 'Only commands with this text in them, in upper or lower case.'
complete -c agentguard -n '__agentguard_is "log" options' -s n -x -d 'So many lines; default 50.'
complete -c agentguard -n '__agentguard_is "log" options' -l json -d 'Print the lines as they are in the log.'
complete -c agentguard -n '__agentguard_is "log" options' -l follow -d 'Go on with new lines as they are written.'
complete -c agentguard -n '__agentguard_is "log" options' -l stats -d 'Count instead: verdicts, rules, prompts per 100 commands.'
complete -c agentguard -n '__agentguard_is "log" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "log verify" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "passphrase"' -a remove -d 'Ask for no passphrase any more (it is asked for a last time).'
complete -c agentguard -n '__agentguard_is "passphrase"' -a set -d 'Set a passphrase, or change it (the old one is asked for first).'
complete -c agentguard -n '__agentguard_is "passphrase" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "passphrase remove" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "passphrase set" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "pending" options' -l json -d 'Print a JSON list.'
complete -c agentguard -n '__agentguard_is "pending" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "rules"' -a guide -d 'Print how to write a rule from a real command, with two worked examples.'
complete -c agentguard -n '__agentguard_is "rules"' -a list -d 'List the rules whose id fits PATTERN, a glob.'
complete -c agentguard -n '__agentguard_is "rules"' -a new -d 'Write a rule of your own.'
complete -c agentguard -n '__agentguard_is "rules"' -a show -d 'Show one rule with its proof.'
complete -c agentguard -n '__agentguard_is "rules"' -a test -d 'Judge the examples of rules, through the same way as any command.'
complete -c agentguard -n '__agentguard_is "rules" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "rules guide" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "rules list" options' -l json -d 'Print JSON.'
complete -c agentguard -n '__agentguard_is "rules list" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "rules list" 0' -a '(__agentguard_rules)'
complete -c agentguard -n '__agentguard_is "rules new" options' -l kind -x -a 'call http graphql sql files' -d 'What the rule is about.'
complete -c agentguard -n '__agentguard_is "rules new" options' -l output -x -a '(__fish_complete_path (commandline -ct))' -d 'Write this new file, not your own rules.'
complete -c agentguard -n '__agentguard_is "rules new" options' -l title -x -d 'What it does, in a few words; {target} is filled in.'
complete -c agentguard -n '__agentguard_is "rules new" options' -l loses -x -d 'What is lost.'
complete -c agentguard -n '__agentguard_is "rules new" options' -l instead -x -d 'A command or a sentence.'
complete -c agentguard -n '__agentguard_is "rules new" options' -l severity -x -a 'critical high medium low' -d 'How bad.'
complete -c agentguard -n '__agentguard_is "rules new" options' -l reversible -x -a 'no grace partly yes' -d 'Undoing it.'
complete -c agentguard -n '__agentguard_is "rules new" options' -l program -x -d 'The program it is about.'
complete -c agentguard -n '__agentguard_is "rules new" options' -l subcommand -x -d 'Its sub-command, like \'volume delete\'.'
complete -c agentguard -n '__agentguard_is "rules new" options' -l option -x -d 'One of these options must be given; repeatable.'
complete -c agentguard -n '__agentguard_is "rules new" options' -l operand -x -d 'A regular expression that some operand must match.'
complete -c agentguard -n '__agentguard_is "rules new" options' -l stop -x -d 'A command it must stop; at least two.'
complete -c agentguard -n '__agentguard_is "rules new" options' -l run -x -d 'A near miss it must let run; at least two.'
complete -c agentguard -n '__agentguard_is "rules new" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "rules show" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "rules show" 0' -a '(__agentguard_rules)'
complete -c agentguard -n '__agentguard_is "rules test" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "rules test" 0' -a '(__agentguard_rules) (__fish_complete_path (commandline -ct))'
complete -c agentguard -n '__agentguard_is "scan" options' -l fail-on -x -a 'critical high medium low' -d 'Exit with 1 from this on (default: high).'
complete -c agentguard -n '__agentguard_is "scan" options' -l format -x -a 'text json sarif github gitlab' -d 'How to report (default: text).'
complete -c agentguard -n '__agentguard_is "scan" options' -l kind -x -a 'shell make dockerfile workflow gitlab compose package just task sql markdown gha' -d 'Only this kind of file; repeatable.'
complete -c agentguard -n '__agentguard_is "scan" options' -l markdown -d 'Also shell blocks in Markdown files.'
complete -c agentguard -n '__agentguard_is "scan" options' -l diff -x -d 'Only lines that changed since REV.'
complete -c agentguard -n '__agentguard_is "scan" options' -l staged -d 'The files that git would commit, as they are staged.'
complete -c agentguard -n '__agentguard_is "scan" options' -l baseline -x -d 'Known findings (default: .agentguard-baseline.json).'
complete -c agentguard -n '__agentguard_is "scan" options' -l write-baseline -d 'Make everything that is found known, in that file.'
complete -c agentguard -n '__agentguard_is "scan" options' -l jobs -x -d 'Processes (default: by what there is).'
complete -c agentguard -n '__agentguard_is "scan" options' -l no-ignore -d 'Also what comments, configuration and baseline leave out.'
complete -c agentguard -n '__agentguard_is "scan" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "scan" 0+' -a '(__fish_complete_path (commandline -ct))'
complete -c agentguard -n '__agentguard_is "shell-dir" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "shell-dir" 0' -a '(__fish_complete_directories (commandline -ct))'
complete -c agentguard -n '__agentguard_is "uninstall"' -a git-hook -d 'Take the hook of this repository away, and put back the one that was there...'
complete -c agentguard -n '__agentguard_is "uninstall" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "uninstall git-hook" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "version" options' -s h -l help -d 'Show this message and exit.'
complete -c agentguard -n '__agentguard_is "watch" options' -s h -l help -d 'Show this message and exit.'
