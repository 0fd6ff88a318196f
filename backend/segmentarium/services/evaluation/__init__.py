"""Engines compared on objects whose masks are known: figures, a table, a sheet of the worst answers."""
