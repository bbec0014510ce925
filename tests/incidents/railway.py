"""The founding incident in many spellings, and look-alikes that have to run: commands as data.

``{E}`` is the endpoint, ``{V}`` the volume, ``{J}`` the JSON body in single quotes, ``{M}`` the mutation itself.
"""

from __future__ import annotations

ENDPOINT = "https://backboard.railway.com/graphql/v2"
VOLUME = "8f0c1b2e-5f0a-4a6a-9d6e-1d2c3b4a5f60"
MUTATION = f'mutation {{ volumeDelete(volumeId: "{VOLUME}") }}'
BODY = '{"query":"' + MUTATION.replace('"', '\\"') + '"}'

#: files of the project: path → text
FILES = {
    "body.json": BODY,
    "wipe.graphql": MUTATION,
    "list.graphql": "query { projects { edges { node { name } } } }",
    "request.curl": f'url = {ENDPOINT}\ndata = @body.json\nheader = "Content-Type: application/json"\n',
    "read.curl": f'url = {ENDPOINT}\ndata = "{{\\"query\\":\\"query {{ me {{ id }} }}\\"}}"\n',
    "query.json": '{"query":"query { me { email } }"}',
    "notes.md": f"Never send `{MUTATION}`.\n",
}


def _filled(*templates: str) -> tuple[str, ...]:
    pairs = (("{E}", ENDPOINT), ("{V}", VOLUME), ("{J}", f"'{BODY}'"), ("{M}", MUTATION))
    result = []
    for template in templates:
        for mark, text in pairs:
            template = template.replace(mark, text)
        result.append(template)
    return tuple(result)


STOPPED = _filled(
    # the body in every way that curl takes it
    "curl {E} -d {J}",
    "curl -s -X POST {E} -H 'Authorization: Bearer t' -H 'Content-Type: application/json' --data {J}",
    "curl {E} --data-raw {J}",
    "curl {E} --data-binary {J}",
    "curl {E} --data-ascii={J}",
    "curl --json {J} {E}",
    "curl {E} -d@body.json",
    "curl {E} --data @./body.json",
    "curl {E} --json @body.json",
    "cat body.json | curl {E} -d @-",
    "curl {E} --data-binary @- < body.json",
    "curl {E} -d @- <<'EOF'\n" + BODY + "\nEOF",
    "curl {E} -d @- <<< {J}",
    "curl -T body.json -X POST {E}",
    "curl {E} --data-urlencode 'query={M}'",
    "curl {E} --data-urlencode query@wipe.graphql",
    "curl -G {E} --data-urlencode 'query={M}'",
    "curl {E} -F 'query={M}'",
    "curl {E} -F 'query=<wipe.graphql'",
    "curl {E} --url-query 'query={M}'",
    "curl -K request.curl",
    "curl --config - <<'EOF'\nurl = {E}\ndata = @body.json\nEOF",
    "curl -sSLd {J} {E}",
    "curl -sXPOST {E} -d{J}",
    "curl --req POST --url {E} --data-b @body.json",
    "curl https://example.com/ --next {E} -d {J}",
    "curl {E} -H 'Content-Type: application/graphql' -d '{M}'",
    "curl {E} -d '{\"que' -d 'x' ; curl {E} -d {J}",
    # the address
    "curl https://BACKBOARD.Railway.COM/graphql/v2 -d {J}",
    "curl https://backboard.railway.com./graphql/v2 -d {J}",
    "curl https://backboard.railway.app/graphql/internal?q=volumeDelete -d {J}",
    "curl https://me:pw@backboard.railway.com:443//graphql/./v2 -d {J}",
    "curl backboard.railway.com/graphql/v2 -d {J}",
    "curl https://backboard.railway.{com,app}/graphql/v2 -d {J}",
    "curl --connect-to example.com:443:backboard.railway.com:443 https://example.com/graphql/v2 -d {J}",
    "curl https://backboard.railway.com/graphql%2Fv2 -d {J}",
    # the document
    'curl {E} -d \'{"query":"mutation { a: volumeDelete(volumeId: \\"x\\") }"}\'',
    'curl {E} -d \'{"query":"mutation GetVolumes($id: String!) { volumeDelete(volumeId: $id) }",'
    '"variables":{"id":"{V}"}}\'',
    'curl {E} -d \'{"query":"mutation { ...f } fragment f on Mutation { volumeDelete(volumeId: \\"x\\") }"}\'',
    'curl {E} -d \'{"query":"mutation { ... on Mutation { volumeDelete(volumeId: 1) } }"}\'',
    'curl {E} -d \'{"query":"query A { me { id } } mutation B { volumeDelete(volumeId: 1) }","operationName":"B"}\'',
    'curl {E} -d \'[{"query":"{ me { id } }"},{"query":"mutation { volumeDelete(volumeId: 1) }"}]\'',
    'curl {E} -d \'{"query":"mutation{\\n#x\\nvolumeDelete(volumeId:1)}"}\'',
    'curl {E} -d \'{"query":"mutation @include(if: true) { volumeDelete(volumeId: 1) }"}\'',
    'curl {E} -d \'{"query":"mutation { \\u0076olumeDelete(volumeId: 1) }"}\'',
    'curl {E} -d \'{"qu\\u0065ry":"mutation { volumeDelete(volumeId: 1) }"}\'',
    'curl {E} -d \'{"query":"mutation { volumeDelete(volumeId: 1) "}\'',
    # other clients
    "wget -qO- --post-data={J} {E}",
    "wget --method=POST --body-file=body.json {E} -O -",
    "wget --post-file body.json {E}",
    "http POST {E} query='{M}'",
    "http {E} query=@wipe.graphql",
    "https backboard.railway.com/graphql/v2 query='{M}'",
    "echo {J} | http POST {E} Authorization:'Bearer t'",
    "http --raw {J} POST {E}",
    "xh post {E} query='{M}'",
    "xhs backboard.railway.com/graphql/v2 query='{M}'",
    "railway api '{M}'",
    "railway api -f wipe.graphql --var id={V}",
    "railway api --file=wipe.graphql",
    "railway api < wipe.graphql",
    "cat wipe.graphql | railway api -",
    "npx @railway/cli api '{M}'",
    "railway volume delete -v data -y",
    "railway volume -e staging rm -v data --yes",
    # from the shell around it
    'B={J}; curl {E} -d "$B"',
    "printf '%s' {J} > /tmp/b.json && curl {E} -d @/tmp/b.json",
    "cat > q.json <<'EOF'\n" + BODY + "\nEOF\ncurl {E} -d @q.json",
    'f() { curl -s {E} -d "$1"; }; f {J}',
    'HOST=backboard.railway.com; curl "https://$HOST/graphql/v2" -d {J}',
    'D=volume; curl {E} -d "{\\"query\\":\\"mutation { ${D}Delete(volumeId: 1) }\\"}"',
    "jq -n --arg id {V} '{query: \"mutation { volumeDelete(volumeId: 1) }\"}' | curl {E} -d @-",
    'bash -c "curl {E} -d @body.json"',
    "sudo -E env A=1 timeout 30 curl {E} -d {J}",
    "for h in com app; do curl https://backboard.railway.$h/graphql/v2 -d {J}; done",
    "echo $(curl -s {E} -d {J})",
    "false || curl {E} -d {J} &",
)

RUNNING = _filled(
    # reading
    'curl {E} -d \'{"query":"query { me { email } }"}\'',
    'curl {E} -d \'{"query":"{ projects { edges { node { name } } } }"}\'',
    "curl {E} -d @query.json",
    "curl -K read.curl",
    "curl -G {E} --data-urlencode 'query=query { me { id } }'",
    'curl {E} -d \'{"query":"query volumeDelete { me { id } }"}\'',
    'curl {E} -d \'{"query":"query { volumeDelete: me { id } }"}\'',
    'curl {E} -d \'{"query":"query { project(id: \\"volumeDelete\\") { name } }"}\'',
    'curl {E} -d \'{"query":"query { me { id } } # mutation { volumeDelete }"}\'',
    'curl {E} -d \'{"query":"query { __type(name: \\"Mutation\\") { fields { name } } }"}\'',
    'curl {E} -d \'{"query":"query A { me { id } } mutation B { volumeDelete(volumeId: 1) }","operationName":"A"}\'',
    'curl {E} -d \'{"query":"subscription { deploymentLogs(deploymentId: 1) { message } }"}\'',
    "http POST {E} query='query { me { id } }'",
    "xh post {E} query='{ me { id } }'",
    'wget -qO- --post-data=\'{"query":"{ me { id } }"}\' {E}',
    "railway api 'query { me { id } }'",
    "railway api -f list.graphql",
    "railway api describe volumeDelete",
    "railway api search volumeDelete",
    "curl -I {E}",
    "curl -s https://docs.railway.com/reference/volumes",
    # everyday changes
    'curl {E} -d \'{"query":"mutation { projectCreate(input: {name: \\"volumeDelete\\"}) { id } }"}\'',
    'curl {E} -d \'{"query":"mutation { customDomainCreate(input: {domain: \\"shop.example.com\\"}) { id } }"}\'',
    'curl {E} -d \'{"query":"mutation { volumeDelete: serviceInstanceRedeploy(serviceId: 1) }"}\'',
    'curl {E} -d \'{"query":"mutation { volumeUpdate(volumeId: 1, input: {name: \\"data\\"}) { id } }"}\'',
    'curl {E} -d \'{"query":"mutation { deploymentRestart(id: 1) }"}\'',
    'curl {E} -d \'{"query":"mutation { variableUpsert(input: {name: \\"A\\", value: \\"volumeDelete\\"}) }"}\'',
    "railway up",
    "railway volume list",
    "railway volume delete --help",
    "railway logs --service api",
    "railway variables --set NOTE=volumeDelete",
    # text that goes nowhere
    "echo {J}",
    "echo {J} | jq .query",
    "printf '%s' {J} > examples/body.json",
    "cat wipe.graphql",
    "grep -rn volumeDelete .",
    "rg 'mutation.*volumeDelete' src",
    "git commit -m 'Stop calling volumeDelete: {M}'".replace('"', ""),
    "gh pr create --title 'Guard volumeDelete' --body 'mutation volumeDelete is refused now'",
    "gh issue create -t bug -b 'curl {E} -d mutation volumeDelete'",
    "# curl {E} -d {J}\ntrue",
    "cat <<'EOF' > notes.txt\ncurl {E} -d {J}\nEOF",
    "jq -r .query body.json",
    "diff body.json query.json",
    # other places
    "curl http://localhost:4000/graphql -d {J}",
    "curl http://127.0.0.1:8080/graphql/v2 -d {J}",
    "curl http://api.localhost/graphql -d {J}",
    "curl http://mock-railway:4000/graphql -d {J}",
    "http POST :4000/graphql query='{M}'",
    "curl https://httpbin.org/post -d 'volumeDelete'",
    'curl -X POST https://hooks.example.com/notify -d \'{"text":"volumeDelete was refused"}\'',
)
