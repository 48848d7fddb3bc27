"""The benchmark: bench/run starts it, bench/README.md explains it."""
