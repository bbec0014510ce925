import time

import pytest

from agentguard.programs.secret_names import ANY_TOKEN
from agentguard.redaction import HIDDEN, HINTS, redacted

#: stands for the secret in the table below, and must be gone afterwards
S = "Hunter2xQ9"

HIDES = [
    # header lines
    f"curl -H 'Authorization: Bearer {S}' https://api.example.com",
    f'curl -H "Authorization: Basic {S}=" https://api.example.com',
    f'curl -H "authorization: {S}" https://api.example.com',
    f"curl -H 'X-Api-Key: {S}' https://api.example.com",
    f"curl -H 'PRIVATE-TOKEN: {S}' https://git.example.com",
    f"curl -H 'Cookie: session={S}; theme=dark' https://example.com",
    f"""node -e "fetch(u, {{headers: {{'Authorization': 'Bearer {S}'}}}})" """,
    f"""node -e 'fetch(u, {{headers: {{Authorization: `Bearer {S}`}}}})' """,
    f"wget --header='Authorization: token {S}' https://example.com/x",
    f"echo bearer {S}abc",
    # URLs
    f"psql postgres://shop:{S}@db.example.com/shop",
    f"git clone https://{S}{S}{S}@git.example.com/a.git",
    f"git remote add o https://x-access-token:{S}@git.example.com/a.git",
    f"curl 'https://example.com/x?user=1&access_token={S}&page=2'",
    f"DATABASE_URL=mysql://u:{S}@h:3306/d npm start",
    f"redis-cli -u redis://:{S}@cache.example.com:6379",
    f"psql postgres://shop:a/{S}@db.example.com/shop",
    # names and values
    f"API_KEY={S} ./run",
    f"export AWS_SECRET_ACCESS_KEY='{S} and more {S}'",
    f"export TOKEN=\"{S}\"",
    f"deploy --token {S} --region eu",
    f"deploy --token={S}",
    f"deploy --client-secret '{S}'",
    f"java -Dspring.datasource.password={S} -jar a.jar",
    f"keytool -list -storepass {S}",
    f"docker run -e POSTGRES_PASSWORD={S} postgres",
    f"kubectl create secret generic db --from-literal=password={S}",
    f"kubectl create secret generic db --from-literal k8s={S}",
    f"curl -d '{{\"password\": \"{S}\"}}' https://example.com",
    f'curl -d "{{\\"apiKey\\":\\"{S}\\"}}" https://example.com',
    f"curl -d 'client_id=1&client_secret={S}' https://example.com",
    f"npm config set //registry.example.com/:_authToken={S}",
    f"python3 -c \"connect(host='h', password='{S}')\"",
    f"cat > .env <<EOF\nNAME=x\nSTRIPE_SECRET={S}\nEOF",
    f"cat > a.yml <<EOF\ndb:\n  password: {S}\nEOF",
    f"psql -c \"ALTER USER shop PASSWORD '{S}'\"",
    f"mysql -e \"CREATE USER a IDENTIFIED BY '{S}'\"",
    # programs with a way of their own
    f"mysql -u root -p{S} shop",
    f"docker exec db mysql -uroot -p'{S}' -e 'select 1'",
    f"mysqldump -p\"{S};x\" shop | gzip",
    f"sshpass -p {S} ssh dev@example.com",
    f"sshpass -p'{S}' ssh dev@example.com",
    f"docker login -u dev -p {S} hub.example.com",
    f"redis-cli -h cache -a {S} ping",
    f"curl -u dev:{S} https://example.com",
    f"curl -su 'dev:{S}' https://example.com",
    f"curl --user dev:{S} https://example.com",
    f"http -a dev:{S} https://example.com",
    f"ldapsearch -D cn=x -w {S} -b dc=x",
    f"zip -P {S} a.zip a",
    f"7z x -p{S} a.7z",
    f"openssl enc -aes-256-cbc -pass pass:{S} -in a",
    f"gpg --batch --passphrase {S} -d a.gpg",
    f"echo {S} | sudo -S apt-get update",
    f"printf '%s\\n' '{S}' | docker login --password-stdin hub.example.com",
    f"sudo -S true <<< '{S}'",
    f"echo 'dev:{S}' | sudo chpasswd",
    f"gh secret set NAME -b {S}",
    f"lftp -u dev,{S} ftp.example.com",
    # known shapes without any name
    f"echo ghp_{S}{S}{S}{S}",
    f"echo sk_live_{S}{S}",
    f"echo sk-{S}{S}{S}",
    f"echo eyJhbGciOiJI.{S}{S}.{S}",
    f"echo AKIA{S}{S}",
    f"curl -d x https://hooks.slack.com/services/T00/B00/{S}",
    f"cat > k <<EOF\n-----BEGIN OPENSSH PRIVATE KEY-----\n{S}\n{S}\n-----END OPENSSH PRIVATE KEY-----\nEOF",
]

#: everyday commands stay word for word as they are
STAYS = [
    "git status --short && ls -la",
    "git push --force origin main",
    "npm run build -- --token-limit 5",
    'curl -H "Authorization: Bearer $TOKEN" https://api.example.com',
    "curl -H 'Authorization: Bearer '\"$TOKEN\" https://api.example.com",
    'deploy --token "$(cat token.txt)"',
    "deploy --token ${TOKEN:?missing}",
    "ssh-keygen -f ~/.ssh/id_ed25519 && ssh-add --apple-use-keychain ~/.ssh/id_ed25519",
    "docker run -p 8080:80 -v a:/b nginx",
    "docker login --password-stdin hub.example.com",
    "curl http://localhost:3000/@scope/a",
    "curl -X POST https://example.com:8443/items/@me",
    "git clone git@git.example.com:a/b.git",
    "git clone https://git@git.example.com/a/b.git",
    "mysql -u root -p shop",
    "psql -h db.example.com -U shop -p 5433 shop",
    "mkdir -p a/b && cp -p a b",
    "ansible-playbook --ask-become-pass site.yml",
    "sort --key 2 a.txt && jq .key a.json",
    "export KEY_FILE=/etc/ssl/key.pem PWD=/tmp",
    "openssl rsa --private-key ~/keys/a.pem",
    "gh auth login --with-token < token.txt",
    "kubectl get secret db -o yaml",
    "python3 manage.py changepassword dev",
    "rg 'api_key|password' src",
    "vim nfc_reader_driver.py tests/vcr_cassettes/login_2024.yaml docs/fm1_manual.md",
    "grep -rn token= src | head",
]


@pytest.mark.parametrize("text", HIDES)
def test_a_secret_is_gone_and_the_rest_is_readable(text):
    hidden = redacted(text)
    assert S not in hidden and HIDDEN in hidden
    assert hidden[:4] == text[:4]
    assert len(hidden.replace(HIDDEN, "")) > len(text.replace(S, "")) // 3
    assert redacted(hidden) == hidden


@pytest.mark.parametrize("text", STAYS)
def test_what_holds_no_secret_stays(text):
    assert redacted(text) == text


def test_what_is_beside_a_secret_stays():
    assert redacted(f"psql postgres://shop:{S}@db.example.com/shop") == (
        "psql postgres://shop:[redacted]@db.example.com/shop"
    )
    assert redacted(f"curl -u dev:{S} -H 'X-Api-Key: {S}' https://e.example/x") == (
        "curl -u dev:[redacted] -H 'X-Api-Key: [redacted]' https://e.example/x"
    )
    assert redacted(f"A_TOKEN={S} B=2 c --token '{S}' d") == "A_TOKEN=[redacted] B=2 c --token '[redacted]' d"


def beginnings(tree) -> list[str]:
    """The shortest texts that a parsed pattern takes, for each of its alternatives."""
    found = [""]
    for kind, given in tree:
        name = str(kind)
        if name == "LITERAL":
            parts = [chr(given)]
        elif name == "IN":
            letters = [chr(value) for inside, value in given if str(inside) == "LITERAL"]
            ranges = [chr(value[0]) for inside, value in given if str(inside) == "RANGE"]
            parts = letters if len(letters) == len(given) else ranges[:1] or ["A"]
        elif name == "BRANCH":
            parts = [text for branch in given[1] for text in beginnings(branch)]
        elif name == "SUBPATTERN":
            parts = beginnings(given[3])
        elif name == "MAX_REPEAT":
            parts = [text * given[0] for text in beginnings(given[2])]
        else:
            assert name == "AT", name
            parts = [""]
        found = [text + part for text in found for part in parts]
    return found


def test_every_known_shape_passes_the_first_glance():
    """The glance that lets most commands through at once must not let one of the shapes through."""
    from re import _parser

    known = beginnings(_parser.parse(ANY_TOKEN.pattern))
    assert len(known) > 100
    for beginning in known:
        token = f"{beginning}{S}{S}{S}"
        assert ANY_TOKEN.fullmatch(token), token
        assert any(hint in beginning.lower() for hint in HINTS), beginning
        assert S not in redacted(f"echo {token}"), beginning


@pytest.mark.parametrize(
    "text",
    [
        "x" * 65536,
        "token=" * 10000,
        "a://" * 16000,
        "-p -p " * 10000 + "mysql",
        "mysql -p" * 8000,
        "echo a | " * 7000 + "token",
        "authorization:" * 4500,
        "'\"" * 32000 + "token",
        "password '" * 6500,
        "--token " * 8000,
        "eyJ" + "a" * 65000,
        "-----BEGIN PRIVATE KEY-----" * 2400,
        "sudo -S " * 8000,
        "mysql 'a" * 8000,
    ],
    ids=lambda text: text[:12],
)
def test_long_text_takes_no_longer_than_it_is(text):
    start = time.process_time()
    redacted(text[:65536])
    assert time.process_time() - start < 2


def test_an_everyday_command_costs_nothing_to_speak_of():
    start = time.process_time()
    for _ in range(1000):
        redacted("git status --short && npm run build")
    assert time.process_time() - start < 0.2
