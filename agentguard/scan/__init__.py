"""Destructive commands in files, found before they are committed."""
