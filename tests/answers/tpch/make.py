"""The answers to the 22 queries, computed by DuckDB over data of tpchgen.

    pip install duckdb==2.0.0 tpchgen-cli==4.0.0
    python make.py

leaves `sf0.01/q01.csv` ... and `sf0.1/q01.csv` ... beside this file. Tests read them; nothing else makes them.
"""

import pathlib
import subprocess
import tempfile

import duckdb

HERE = pathlib.Path(__file__).parent
TABLES = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]

for scale in [0.01, 0.1]:
    answers = HERE / f"sf{scale}"
    answers.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        subprocess.run(
            ["tpchgen-cli", "parquet", f"--scale-factor={scale}", f"--output-dir={data}"], check=True
        )
        db = duckdb.connect()
        for table in TABLES:
            db.execute(f"create view {table} as select * from '{data}/{table}.parquet'")
        for number in range(1, 23):
            sql = (HERE / "sql" / f"q{number:02}.sql").read_text().replace("$fraction", repr(0.0001 / scale))
            db.execute(f"copy ({sql}) to '{answers}/q{number:02}.csv' (header)")
