"""Commands that have a file of their own; `cli.py` puts them together."""
