"""The rows of `python -m benchmarks.pair_claim`, and what they share."""
