"""Benchmarks against peers: each a module with `run(quick) -> list[Table]`. See docs/benchmarks.md."""
