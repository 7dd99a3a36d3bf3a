"""The ten group-by questions and five joins of the database-like ops benchmark, with lazy Polars."""

import polars as pl


def query(request):
    return QUESTIONS[request["case"]](lambda name: pl.scan_parquet(f"{request['data']}/{name}.*.parquet"))


QUESTIONS = {
    "q1": lambda t: t("groups").group_by("id1").agg(pl.col("v1").sum()),
    "q2": lambda t: t("groups").group_by("id1", "id2").agg(pl.col("v1").sum()),
    "q3": lambda t: t("groups").group_by("id3").agg(pl.col("v1").sum(), pl.col("v3").mean()),
    "q4": lambda t: t("groups").group_by("id4").agg(pl.col("v1", "v2", "v3").mean()),
    "q5": lambda t: t("groups").group_by("id6").agg(pl.col("v1", "v2", "v3").sum()),
    "q6": lambda t: t("groups")
    .group_by("id4", "id5")
    .agg(pl.col("v3").median().alias("median"), pl.col("v3").std().alias("sd")),
    "q7": lambda t: t("groups").group_by("id3").agg((pl.col("v1").max() - pl.col("v2").min()).alias("range")),
    "q8": lambda t: t("groups").group_by("id6").agg(pl.col("v3").top_k(2)).explode("v3"),
    "q9": lambda t: t("groups").group_by("id2", "id4").agg((pl.corr("v1", "v2") ** 2).alias("r2")),
    "q10": lambda t: t("groups")
    .group_by("id1", "id2", "id3", "id4", "id5", "id6")
    .agg(pl.col("v3").sum(), pl.len().alias("count")),
    "j1": lambda t: t("x").join(t("small"), on="id1"),
    "j2": lambda t: t("x").join(t("medium"), on="id2"),
    "j3": lambda t: t("x").join(t("medium"), on="id2", how="left"),
    "j4": lambda t: t("x").join(t("medium"), on="id5"),
    "j5": lambda t: t("x").join(t("big"), on="id3"),
}
