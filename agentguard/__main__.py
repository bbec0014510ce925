"""``python -m agentguard``."""

from agentguard.cli.main import main

main()
