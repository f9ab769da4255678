"""Measurements that anyone can run; docs/benchmarks.md holds their results."""
