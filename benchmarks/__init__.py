"""How fast and how large: ratios measured side by side in one run. `python -m benchmarks` prints the table."""
