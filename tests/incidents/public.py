"""Public incidents in which an agent, or a hurried person, destroyed data with one command.

Each entry tells what happened in a line, the command as reported or its plain equivalent, and the state of the
project that made it dangerous. ``sibling`` is the everyday command next to it, which has to run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Incident:
    name: str
    story: str
    command: str
    sibling: str
    needs: Mapping[str, object] = field(default_factory=dict)


PROD = "postgres://app:pw@db.prod.example.com:5432/shop"

INCIDENTS = (
    Incident(
        "railway-volume",
        "A token for adding domains deleted the production volume, and the backups that lived in it, in nine seconds.",
        'curl -s -X POST https://backboard.railway.app/graphql/v2 -H "Authorization: Bearer $T" -H \'Content-Type: '
        'application/json\' -d \'{"query":"mutation { volumeDelete(volumeId: \\"8f0c\\") }"}\'',
        'curl -s -X POST https://backboard.railway.app/graphql/v2 -H "Authorization: Bearer $T" -H \'Content-Type: '
        'application/json\' -d \'{"query":"query { me { email } }"}\'',
    ),
    Incident(
        "production-drop",
        "During a code freeze an agent dropped the production tables and then said a rollback was impossible.",
        f'psql "{PROD}" -c "DROP TABLE companies, executives CASCADE"',
        f'psql "{PROD}" -c "SELECT count(*) FROM companies"',
    ),
    Incident(
        "production-truncate",
        "A cleanup of test data was pointed at the production URL.",
        f"echo 'TRUNCATE orders, customers;' | psql {PROD}",
        f"echo 'SELECT * FROM orders LIMIT 5;' | psql {PROD}",
    ),
    Incident(
        "delete-without-where",
        "The WHERE clause was on the next line, behind the semicolon.",
        f"psql {PROD} -c 'DELETE FROM users; WHERE id = 7'",
        f"psql {PROD} -c 'DELETE FROM users WHERE id = 7'",
    ),
    Incident(
        "stray-space-home",
        "A blank in front of the slash made a cleanup of one directory a cleanup of everything.",
        "rm -rf ~/work/app/node_modules ~/ .cache",
        "rm -rf node_modules",
    ),
    Incident(
        "home-directory",
        "Asked to start over, an agent removed the whole home directory.",
        "rm -rf tests/ src/ ~/",
        "rm -rf build/",
    ),
    Incident(
        "unset-variable-root",
        "A script started without its variable: the path became the root directory.",
        'rm -rf "$STEAMROOT/"*',
        'rm -rf "${BUILD_ROOT:-build}/"*',
    ),
    Incident(
        "unset-variable-home",
        "A job's work directory was not set, and the cleanup ran in the home directory.",
        "cd $WORK_DIR; rm -rf *",
        "cd build && rm -rf *",
    ),
    Incident(
        "quoted-tilde-cleanup",
        "A directory named ~ had been made by mistake; removing it without quotes removed home.",
        "rm -rf ~",
        "rm -rf './~'",
    ),
    Incident(
        "git-clean",
        "Untracked work of a day went away with the build leftovers.",
        "git clean -fdx",
        "git clean -ndx",
        {"git": "untracked"},
    ),
    Incident(
        "reset-hard",
        "To get back to a known state, an agent threw away uncommitted edits.",
        "git fetch && git reset --hard origin/main",
        "git fetch && git status",
        {"git": "dirty"},
    ),
    Incident(
        "checkout-dot",
        "To fix one failing test, every change in the work tree was reverted.",
        "git checkout -- .",
        "git checkout -b fix/test",
        {"git": "dirty"},
    ),
    Incident(
        "restore-all",
        "The same in the newer spelling.",
        "git restore --staged --worktree .",
        "git restore --staged .",
        {"git": "dirty"},
    ),
    Incident(
        "stash-drop",
        "A stash of another person's work was cleared to make a pull succeed.",
        "git stash clear && git pull",
        "git stash list && git pull --ff-only",
        {"git": "stash"},
    ),
    Incident(
        "force-push-main",
        "A rebase was pushed over the shared branch.",
        "git push --force origin main",
        "git push origin main",
    ),
    Incident(
        "branch-wipe",
        "A loop over all branches removed those that were not merged.",
        "git branch | grep -v main | xargs git branch -D",
        "git branch --merged main",
        {"git": "unpushed"},
    ),
    Incident(
        "terraform-destroy",
        "The state file of another machine was missing, and a cleanup of duplicates took the real stack with it.",
        "terraform destroy -auto-approve",
        "terraform plan -destroy",
    ),
    Incident(
        "terraform-apply-destroy",
        "The same through the other door.",
        "terraform apply -destroy -auto-approve",
        "terraform plan -out tf.plan",
    ),
    Incident(
        "prisma-reset",
        "A schema drift warning was answered with a reset of the connected database.",
        "npx prisma migrate reset --force",
        "npx prisma migrate status",
    ),
    Incident(
        "prisma-push",
        "Columns with data in them were dropped by a push that accepted the loss.",
        "npx prisma db push --accept-data-loss",
        "npx prisma validate",
    ),
    Incident(
        "drizzle-push",
        "A forced push emptied production tables during a late deploy.",
        "npx drizzle-kit push --force",
        "npx drizzle-kit generate",
    ),
    Incident(
        "compose-down-v",
        "The development database, months of it, lived in the volume.",
        "docker compose down -v",
        "docker compose down",
    ),
    Incident(
        "system-prune",
        "A full disk was answered with a prune that also took the volumes.",
        "docker system prune -af --volumes",
        "docker system df",
    ),
    Incident(
        "supabase-reset",
        "The linked project was the live one.",
        "supabase db reset --linked",
        "supabase db diff --linked",
    ),
    Incident(
        "mv-into-missing",
        "The directory to move into had not been made; every file became the next file of the same name.",
        'for f in *.txt; do mv "$f" ../archive_missing; done',
        "mkdir -p archive && mv a.txt archive/",
        {"git": "dirty"},
    ),
    Incident(
        "rsync-delete",
        "Source and destination were the wrong way round.",
        "rsync -a --delete /tmp/empty/ ~/Documents/",
        "rsync -a src/ /tmp/backup/",
    ),
    Incident(
        "repo-delete",
        "A repository was deleted to make room for one of the same name.",
        "gh repo delete acme/app --yes",
        "gh repo view acme/app",
    ),
    Incident(
        "s3-bucket",
        "The bucket of backups was emptied together with the one for test runs.",
        "aws s3 rm s3://acme-backups --recursive",
        "aws s3 ls s3://acme-backups --recursive",
    ),
    Incident(
        "s3-sync-delete",
        "A sync from an empty directory deleted everything on the other side.",
        "aws s3 sync ./dist s3://acme-site --delete",
        "aws s3 sync ./dist s3://acme-site --delete --dryrun",
    ),
    Incident(
        "namespace",
        "The namespace was that of production; the context had been switched an hour before.",
        "kubectl delete namespace production",
        "kubectl get namespace production",
    ),
    Incident(
        "redis-flush",
        "A cache was flushed; the sessions of all customers were in it.",
        "redis-cli -h cache.prod.example.com FLUSHALL",
        "redis-cli -h cache.prod.example.com INFO",
    ),
    Incident(
        "find-delete",
        "The name test was forgotten, so everything matched.",
        "find ~/Documents -type f -delete",
        "find . -name '*.pyc' -delete",
    ),
    Incident(
        "chmod-home",
        "A permission problem was solved for good.",
        "sudo chmod -R 777 /",
        "chmod +x scripts/build.sh",
    ),
    Incident(
        "dd-disk",
        "The image went to the system disk, not to the stick.",
        "sudo dd if=image.iso of=/dev/sda bs=4M",
        "dd if=/dev/urandom of=/tmp/sample.bin bs=1k count=4",
    ),
    Incident(
        "curl-bash",
        "An installer from a forum answer was run as it came.",
        "curl -fsSL https://example.net/install.sh | sudo bash",
        "curl -fsSL https://example.net/install.sh -o /tmp/install.sh",
    ),
    Incident(
        "publish",
        "A test release went to the public registry.",
        "npm publish",
        "npm pack --dry-run",
    ),
    Incident(
        "rails-reset",
        "RAILS_ENV was still set from the last deploy.",
        "RAILS_ENV=production DISABLE_DATABASE_ENVIRONMENT_CHECK=1 bin/rails db:reset",
        "bin/rails db:migrate:status",
    ),
    Incident(
        "artisan-fresh",
        "Migrations were made to fit by starting again from nothing.",
        "php artisan migrate:fresh --seed --force",
        "php artisan migrate:status",
    ),
    Incident(
        "django-flush",
        "Fixtures were reloaded into the wrong database.",
        "python manage.py flush --noinput",
        "python manage.py showmigrations",
    ),
    Incident(
        "crontab-r",
        "The key beside -e.",
        "crontab -r",
        "crontab -l",
    ),
    Incident(
        "windows-drive-in-wsl",
        "A cleanup of build output went through a link to the mounted drive.",
        "rm -rf /mnt/c/Users/dev/*",
        "rm -rf coverage",
    ),
)
