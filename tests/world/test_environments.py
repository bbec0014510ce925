"""Names and the environments they mean."""

from __future__ import annotations

import pytest

from agentguard.world.environments import classify, strictest
from agentguard.world.settings import Settings


@pytest.mark.parametrize(
    ("kind", "name", "environment"),
    [
        ("hosts", "db.prod.example.com", "production"),
        ("hosts", "prod1-db", "production"),
        ("hosts", "api-live.example.com", "production"),
        ("hosts", "staging.example.com", "staging"),
        ("hosts", "qa2.example.com", "staging"),
        ("hosts", "non-prod.example.com", "staging"),
        ("hosts", "preprod-db", "staging"),
        ("hosts", "staging.prod.example.com", "production"),
        ("hosts", "product.example.com", "unknown"),
        ("hosts", "contest.example.com", "unknown"),
        ("hosts", "api.example.dev", "unknown"),
        ("hosts", "db.example.com", "unknown"),
        ("hosts", "localhost", "local"),
        ("hosts", "127.0.0.1", "local"),
        ("hosts", "127.evil.com", "unknown"),
        ("hosts", "::1", "local"),
        ("hosts", "[::1]", "local"),
        ("hosts", "1", "unknown"),
        ("hosts", "app.local", "local"),
        ("hosts", "host.docker.internal", "local"),
        ("hosts", "postgres", "local"),
        ("hosts", "redis", "local"),
        ("hosts", "postgres.example.com", "unknown"),
        ("hosts", "", "unknown"),
        ("databases", "shop_production", "production"),
        ("databases", "shop_test", "staging"),
        ("databases", "shop", "unknown"),
        ("kube_contexts", "kind-dev", "local"),
        ("kube_contexts", "minikube", "local"),
        ("kube_contexts", "docker-desktop", "local"),
        ("kube_contexts", "k3d-shop", "local"),
        ("kube_contexts", "gke_acme_eu_prod-1", "production"),
        ("kube_contexts", "arn:aws:eks:eu-west-1:1:cluster/staging", "staging"),
        ("profiles", "acme-prd", "production"),
        ("branches", "feature/live-view", "production"),
    ],
)
def test_well_known_words(kind: str, name: str, environment: str) -> None:
    assert classify(kind, name, Settings()) == environment


def test_the_configuration_decides_first() -> None:
    settings = Settings(environments={"staging": {"hosts": ("*.prod.example.com",)}, "production": {"hosts": ("box",)}})
    assert classify("hosts", "a.prod.example.com", settings) == "staging"
    assert classify("hosts", "BOX", settings) == "production"
    assert classify("databases", "box", settings) == "unknown"


def test_the_strictest_of_several_wins() -> None:
    assert strictest(["local", "staging"]) == "staging"
    assert strictest(["staging", "production"]) == "production"
    assert strictest(["local", "canary"]) == "unknown"
    both = Settings(environments={"staging": {"hosts": ("*",)}, "production": {"hosts": ("x*",)}})
    assert classify("hosts", "x1", both) == "production"
