"""The founding incident in many spellings, and commands that only look like it.

``{url}`` is the endpoint and ``{q}`` the mutation as it stands inside of a JSON string. Nothing here is executed.
"""

from __future__ import annotations

from collections.abc import Mapping

URL = "https://backboard.railway.app/graphql/v2"
MUTATION = 'mutation { volumeDelete(volumeId: "3d2c42fb-8f0c") }'
IN_JSON = MUTATION.replace('"', '\\"')
BODY = '{"query":"' + IN_JSON + '"}'
HEADERS = "-H 'Authorization: Bearer 5f1c' -H 'Content-Type: application/json'"

FILES: Mapping[str, str] = {
    "body.json": BODY + "\n",
    "wipe.graphql": MUTATION + "\n",
    "curlrc": f'url = "{URL}"\nrequest = POST\ndata = @body.json\n',
    "two.graphql": 'query Look { me { id } }\nmutation Wipe { volumeDelete(volumeId: "v") }\n',
}

STOPPED = (
    f"curl -X POST {URL} {HEADERS} -d '{BODY}'",
    f"curl {URL} {HEADERS} --data '{BODY}'",
    f"curl {URL} --data-raw '{BODY}'",
    f"curl {URL} --data-binary '{BODY}'",
    f"curl {URL} --json '{BODY}'",
    f"curl --json '{BODY}' {URL}",
    f"curl -sS -XPOST -d'{BODY}' {URL}",
    f"curl -d @body.json {URL}",
    f"curl --data-binary @body.json {URL}",
    f"curl -d @- {URL} < body.json",
    f"cat body.json | curl -s -d @- {URL}",
    f"curl -d @- {URL} <<'END'\n{BODY}\nEND",
    f'curl -d "$(cat body.json)" {URL}',
    "curl -K curlrc",
    f"curl --config - <<'END'\nurl = \"{URL}\"\ndata = @body.json\nEND",
    f"curl https://example.com/ --next -d @body.json {URL}",
    f"curl --data-urlencode 'query={MUTATION}' {URL}",
    f"curl -G --data-urlencode 'query={MUTATION}' {URL}",
    f"curl '{URL}?query=mutation%20%7B%20volumeDelete(volumeId%3A%22v%22)%20%7D'",
    f"curl -F 'query={MUTATION}' {URL}",
    f"curl -H 'Content-Type: application/graphql' -d '{MUTATION}' {URL}",
    f"curl -d '{BODY}' backboard.railway.app/graphql/v2",
    f"curl -d '{BODY}' HTTPS://BackBoard.Railway.App./graphql/v2",
    f"curl -d '{BODY}' https://user:pw@backboard.railway.com:443/graphql/v2",
    f"curl -d '{BODY}' https://backboard.railway.com/graphql/../graphql/v2",
    f"curl -d '{BODY}' https://backboard.railway.com/graphql/internal",
    'curl -d \'{"query":"mutation { volume\\u0044elete(volumeId: \\"v\\") }"}\' ' + URL,
    'curl -d \'{"query":"mutation { ok: volumeDelete(volumeId: \\"v\\") }"}\' ' + URL,
    'curl -d \'{"query":"mutation Cleanup { ...F } fragment F on Mutation { volumeDelete(volumeId: \\"v\\") }"}\' '
    + URL,
    'curl -d \'{"query":"mutation($i: String!) { volumeDelete(volumeId: $i) }","variables":{"i":"v"}}\' ' + URL,
    'curl -d \'[{"query":"{ me { id } }"},{"query":"mutation { volumeDelete(volumeId: \\"v\\") }"}]\' ' + URL,
    'curl -d \'{"operationName":"Wipe","query":"query Look { me { id } } mutation Wipe '
    '{ volumeDelete(volumeId: \\"v\\") }"}\' ' + URL,
    f'T=5f1c; U={URL}; B=\'{BODY}\'; curl -H "Authorization: Bearer $T" -d "$B" "$U"',
    f"body() {{ cat body.json; }}; body | curl -d @- {URL}",
    f"wget -qO- --post-data='{BODY}' {URL}",
    f"wget -qO- --method=POST --body-file=body.json {URL}",
    f"http POST {URL} query='{MUTATION}'",
    f"http {URL} query='{MUTATION}' Authorization:'Bearer 5f1c'",
    f"http POST {URL} < body.json",
    f"xh {URL} query='{MUTATION}'",
    f"xh POST {URL} --raw '{BODY}'",
    f"railway api '{MUTATION}'",
    "railway api -f wipe.graphql",
    "railway api --file - < wipe.graphql",
    "cat wipe.graphql | railway api",
    "railway api 'mutation($i: String!) { volumeDelete(volumeId: $i) }' --var i=3d2c",
    "railway volume delete --volume data --yes",
    "railway volume rm -v data -y",
    "npx @railway/cli volume delete -v data -y",
    f"sudo -E env X=1 curl -d @body.json {URL}",
    f"bash -c 'curl -d @body.json {URL}'",
    f"timeout 9 nohup curl -d @body.json {URL} &",
    f'echo 3d2c | xargs -I% curl -d \'{{"query":"mutation {{ volumeDelete(volumeId: \\"%\\") }}"}}\' {URL}',
    f"python3 -c \"import requests; requests.post('{URL}', json={{'query': 'mutation {{ volumeDelete(volumeId: 1) }}'}})\"",
    f"curl -d '{BODY.replace('volumeDelete', 'projectDelete').replace('volumeId', 'id')}' {URL}",
    f"curl -d '{BODY.replace('volumeDelete', 'environmentDelete').replace('volumeId', 'id')}' {URL}",
)

RUNNING = (
    f'curl {URL} {HEADERS} -d \'{{"query":"query {{ me {{ email }} }}"}}\'',
    f'curl {URL} -d \'{{"query":"{{ me {{ email }} }}"}}\'',
    'curl -d \'{"query":"query { project(id: \\"volumeDelete\\") { name } }"}\' ' + URL,
    'curl -d \'{"query":"query { me { email } } # volumeDelete"}\' ' + URL,
    'curl -d \'{"query":"query { volumeDelete: project(id: \\"p\\") { name } }"}\' ' + URL,
    'curl -d \'{"query":"query volumeDelete { me { id } }"}\' ' + URL,
    'curl -d \'{"query":"mutation { projectCreate(input: {name: \\"volumeDelete\\"}) { id } }"}\' ' + URL,
    'curl -d \'{"query":"mutation { projectUpdate(id: \\"p\\", input: {description: \\"volumeDelete\\"}) { id } }"}\' '
    + URL,
    'curl -d \'{"query":"mutation { deploymentRestart(id: \\"d\\") }"}\' ' + URL,
    'curl -d \'{"operationName":"Look","query":"query Look { me { id } } mutation Wipe '
    '{ volumeDelete(volumeId: \\"v\\") }"}\' ' + URL,
    'curl -d \'{"query":"query($i: String!) { project(id: $i) { name } }","variables":{"i":"volumeDelete"}}\' ' + URL,
    'curl -d \'{"query":"{ __type(name: \\"Mutation\\") { fields { name } } }"}\' ' + URL,
    f"curl -sI {URL}",
    f"curl -s {URL}",
    f"curl --help {URL}",
    "curl https://docs.railway.com/reference/volumes",
    "curl https://example.com/volumeDelete",
    f"curl -d '{BODY}' http://localhost:3000/graphql",
    f"curl -d '{BODY}' http://127.0.0.1:4000/graphql/v2",
    f"curl -d '{BODY}' http://[::1]:4000/graphql/v2",
    "curl -s https://api.github.com/search/code?q=volumeDelete",
    f"echo '{BODY}'",
    f"echo '{BODY}' | jq .query",
    f'echo "curl -d @body.json {URL}" >> notes.txt',
    "cat body.json",
    "cat wipe.graphql | grep -c volumeDelete",
    "grep -rn 'volumeDelete' src docs",
    "rg volumeDelete --glob '*.graphql'",
    "git log -S volumeDelete --oneline",
    "git commit -m 'Never call volumeDelete again' --allow-empty",
    "git commit --allow-empty -F - <<'END'\nStop volumeDelete\n\ncurl -d @body.json was the culprit.\nEND",
    "gh issue create --title 'volumeDelete' --body 'mutation { volumeDelete(volumeId: 1) }'",
    "cat > tests/wipe_test.py <<'END'\nQUERY = 'mutation { volumeDelete(volumeId: 1) }'\nEND",
    f"# curl -d @body.json {URL}\nls",
    f": curl -d @body.json {URL}",
    "jq -n --arg q 'mutation { volumeDelete }' '{query: $q}'",
    "railway api 'query { me { email } }'",
    "railway api describe volumeDelete",
    "railway api search volume",
    "railway volume list",
    "railway volume delete --help",
    "railway status --json",
    "railway logs --service api",
    "wget -qO- https://docs.railway.com/volumeDelete.html",
    "http GET https://example.com/graphql query==volumeDelete",
    f"http {URL} query='query {{ me {{ email }} }}'",
    "python3 -c \"print('mutation { volumeDelete(volumeId: 1) }')\"",
)
