"""Makes data/myfile.0.csv ... myfile.3.csv: 1,000 rows each, ids in order, five names, amounts 0..=499.

The numbers come from a linear congruential generator with a fixed seed, so that the files are the same everywhere:
    python3 data/make.py
"""

import pathlib

NAMES = ["Alice", "Bob", "Charlie", "Dora", "Emil"]
HERE = pathlib.Path(__file__).parent

state = 42
for part in range(4):
    lines = ["id,name,amount"]
    for row in range(1000):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        lines.append(f"{part * 1000 + row},{NAMES[(state >> 33) % 5]},{(state >> 40) % 500}")
    (HERE / f"myfile.{part}.csv").write_text("\n".join(lines) + "\n")
