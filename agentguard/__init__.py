"""agentguard: understands what a shell command would really do, and stops what cannot be taken back."""

__version__ = "0.1.0"
