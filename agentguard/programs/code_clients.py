"""Client libraries of services whose calls are many: a deletion is told by the words of the call.

``kubernetes.client.CoreV1Api().delete_namespace("prod")`` is read as a program that is not described and is told
``delete-namespace``: the rules for such programs judge it.
"""

from __future__ import annotations

import re

from agentguard import regex
from agentguard.programs.actions import Actions

#: Modules whose objects stand for things on a server.
ROOTS = regex.compile(
    r"(?:google\.cloud\.|googleapiclient|firebase_admin|azure\.|kubernetes|docker\b|hcloud|linode_api4|digitalocean"
    r"|openstack|oci\b|github\b|gitlab\b|stripe|cloudflare|twilio|sendgrid|slack_sdk|pulumi|boto3|confluent_kafka|kafka\b"
    r"|pika|qdrant_client|pinecone|weaviate|chromadb|pymilvus|algoliasearch|meilisearch|typesense|influxdb_client"
    r"|cassandra|neo4j|hvac|consul\b|etcd3|minio\b|supabase"
    r"|@google-cloud/|@azure/|@kubernetes/|dockerode|@octokit/|firebase-admin|@aws-sdk/|aws-sdk|@pinecone|@elastic/"
    r"|Aws\b|Google\.Cloud|Stripe|Octokit|Docker\b|Kubeclient|Azure\b)"
)
_VERB = regex.compile(
    r"(?:batch|bulk|async|force|sync)?_?(?:delete|destroy|terminate|purge|drop|prune|erase|wipe|del|remove)"
    r"(?:_\w+|[A-Z]\w*)?[!]?$"
)


def client_call(actions: Actions, name: str) -> bool:
    """Whether a call by its full name deletes something at a service; then it is told."""
    if not ROOTS.match(name):
        return False
    parts = [part.rstrip("()[]!") for part in re.split(r"\.|::|->", name)]
    program = f"{re.sub('[^a-z]+', '-', parts[0].lower()).strip('-')}-client"
    command = re.match(r"(Delete|Terminate|Purge|Destroy)(\w+?)Command$", parts[-1])  # the commands of the AWS SDK
    if command is not None:
        actions.tool(program, command[1].lower(), command[2].lower(), name=name)
        return True
    if not _VERB.match(parts[-1]):
        return False
    words = [re.sub(r"(?<=[a-z])(?=[A-Z])|_", "-", part).lower() for part in reversed(parts[1:][-4:]) if part]
    words[0] = {"del": "delete"}.get(words[0], words[0])
    actions.tool(program, *words, name=name)
    return True
