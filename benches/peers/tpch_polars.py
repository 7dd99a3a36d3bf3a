"""The 22 queries of TPC-H with lazy Polars, with the validation parameters of the specification."""

from datetime import date

import polars as pl
import polars.selectors as cs

REVENUE = pl.col("l_extendedprice") * (1 - pl.col("l_discount"))


def query(request):
    return QUERIES[request["case"]](Tables(request))


class Tables:
    """The tables as lazy frames, by name."""

    def __init__(self, request):
        self.directory, self.format, self.scale = request["data"], request["format"], request["scale"]

    def __getattr__(self, name):
        if self.format == "csv":
            return pl.scan_csv(f"{self.directory}/{name}.*.csv", try_parse_dates=True)
        # The product of two decimals is rounded to the digits of one of them, which is not what the queries mean.
        return pl.scan_parquet(f"{self.directory}/{name}.*.parquet").with_columns(cs.decimal().cast(pl.Float64))


def q1(t):
    return (
        t.lineitem.filter(pl.col("l_shipdate") <= date(1998, 9, 2))
        .group_by("l_returnflag", "l_linestatus")
        .agg(
            pl.col("l_quantity").sum().alias("sum_qty"),
            pl.col("l_extendedprice").sum().alias("sum_base_price"),
            REVENUE.sum().alias("sum_disc_price"),
            (REVENUE * (1 + pl.col("l_tax"))).sum().alias("sum_charge"),
            pl.col("l_quantity").mean().alias("avg_qty"),
            pl.col("l_extendedprice").mean().alias("avg_price"),
            pl.col("l_discount").mean().alias("avg_disc"),
            pl.len().alias("count_order"),
        )
        .sort("l_returnflag", "l_linestatus")
    )


def q2(t):
    offers = (
        t.part.filter(pl.col("p_size") == 15, pl.col("p_type").str.ends_with("BRASS"))
        .join(t.partsupp, left_on="p_partkey", right_on="ps_partkey")
        .join(t.supplier, left_on="ps_suppkey", right_on="s_suppkey")
        .join(t.nation, left_on="s_nationkey", right_on="n_nationkey")
        .join(t.region.filter(pl.col("r_name") == "EUROPE"), left_on="n_regionkey", right_on="r_regionkey")
    )
    cheapest = offers.group_by("p_partkey").agg(pl.col("ps_supplycost").min())
    return (
        offers.join(cheapest, on=["p_partkey", "ps_supplycost"])
        .select("s_acctbal", "s_name", "n_name", "p_partkey", "p_mfgr", "s_address", "s_phone", "s_comment")
        .sort("s_acctbal", "n_name", "s_name", "p_partkey", descending=[True, False, False, False])
        .head(100)
    )


def q3(t):
    day = date(1995, 3, 15)
    return (
        t.customer.filter(pl.col("c_mktsegment") == "BUILDING")
        .join(t.orders.filter(pl.col("o_orderdate") < day), left_on="c_custkey", right_on="o_custkey")
        .join(t.lineitem.filter(pl.col("l_shipdate") > day), left_on="o_orderkey", right_on="l_orderkey")
        .group_by("o_orderkey", "o_orderdate", "o_shippriority")
        .agg(REVENUE.sum().alias("revenue"))
        .select(pl.col("o_orderkey").alias("l_orderkey"), "revenue", "o_orderdate", "o_shippriority")
        .sort("revenue", "o_orderdate", descending=[True, False])
        .head(10)
    )


def q4(t):
    late = t.lineitem.filter(pl.col("l_commitdate") < pl.col("l_receiptdate"))
    return (
        t.orders.filter(pl.col("o_orderdate").is_between(date(1993, 7, 1), date(1993, 10, 1), closed="left"))
        .join(late, left_on="o_orderkey", right_on="l_orderkey", how="semi")
        .group_by("o_orderpriority")
        .agg(pl.len().alias("order_count"))
        .sort("o_orderpriority")
    )


def q5(t):
    return (
        t.region.filter(pl.col("r_name") == "ASIA")
        .join(t.nation, left_on="r_regionkey", right_on="n_regionkey")
        .join(t.customer, left_on="n_nationkey", right_on="c_nationkey")
        .join(
            t.orders.filter(pl.col("o_orderdate").is_between(date(1994, 1, 1), date(1995, 1, 1), closed="left")),
            left_on="c_custkey",
            right_on="o_custkey",
        )
        .join(t.lineitem, left_on="o_orderkey", right_on="l_orderkey")
        .join(t.supplier, left_on=["l_suppkey", "n_nationkey"], right_on=["s_suppkey", "s_nationkey"])
        .group_by("n_name")
        .agg(REVENUE.sum().alias("revenue"))
        .sort("revenue", descending=True)
    )


def q6(t):
    return t.lineitem.filter(
        pl.col("l_shipdate").is_between(date(1994, 1, 1), date(1995, 1, 1), closed="left"),
        pl.col("l_discount").is_between(0.05, 0.07),
        pl.col("l_quantity") < 24,
    ).select((pl.col("l_extendedprice") * pl.col("l_discount")).sum().alias("revenue"))


def q7(t):
    def trade(supplier, customer):
        here = t.nation.filter(pl.col("n_name") == supplier).select("n_nationkey", supp_nation="n_name")
        there = t.nation.filter(pl.col("n_name") == customer).select("n_nationkey", cust_nation="n_name")
        return (
            there.join(t.customer, left_on="n_nationkey", right_on="c_nationkey")
            .join(t.orders, left_on="c_custkey", right_on="o_custkey")
            .join(
                t.lineitem.filter(pl.col("l_shipdate").is_between(date(1995, 1, 1), date(1996, 12, 31))),
                left_on="o_orderkey",
                right_on="l_orderkey",
            )
            .join(
                t.supplier.join(here, left_on="s_nationkey", right_on="n_nationkey"),
                left_on="l_suppkey",
                right_on="s_suppkey",
            )
            .select("supp_nation", "cust_nation", pl.col("l_shipdate").dt.year().alias("l_year"), REVENUE.alias("volume"))
        )

    return (
        pl.concat([trade("FRANCE", "GERMANY"), trade("GERMANY", "FRANCE")])
        .group_by("supp_nation", "cust_nation", "l_year")
        .agg(pl.col("volume").sum().alias("revenue"))
        .sort("supp_nation", "cust_nation", "l_year")
    )


def q8(t):
    american = (
        t.region.filter(pl.col("r_name") == "AMERICA")
        .join(t.nation, left_on="r_regionkey", right_on="n_regionkey")
        .join(t.customer, left_on="n_nationkey", right_on="c_nationkey")
        .select("c_custkey")
    )
    of_brazil = pl.when(pl.col("n_name") == "BRAZIL").then(pl.col("volume")).otherwise(0.0)
    return (
        t.part.filter(pl.col("p_type") == "ECONOMY ANODIZED STEEL")
        .join(t.lineitem, left_on="p_partkey", right_on="l_partkey")
        .join(
            t.orders.filter(pl.col("o_orderdate").is_between(date(1995, 1, 1), date(1996, 12, 31))),
            left_on="l_orderkey",
            right_on="o_orderkey",
        )
        .join(american, left_on="o_custkey", right_on="c_custkey", how="semi")
        .join(t.supplier, left_on="l_suppkey", right_on="s_suppkey")
        .join(t.nation, left_on="s_nationkey", right_on="n_nationkey")
        .select(pl.col("o_orderdate").dt.year().alias("o_year"), REVENUE.alias("volume"), "n_name")
        .group_by("o_year")
        .agg((of_brazil.sum() / pl.col("volume").sum()).alias("mkt_share"))
        .sort("o_year")
    )


def q9(t):
    amount = REVENUE - pl.col("ps_supplycost") * pl.col("l_quantity")
    return (
        t.part.filter(pl.col("p_name").str.contains("green", literal=True))
        .join(t.lineitem, left_on="p_partkey", right_on="l_partkey")
        .join(t.partsupp, left_on=["l_suppkey", "p_partkey"], right_on=["ps_suppkey", "ps_partkey"])
        .join(t.supplier, left_on="l_suppkey", right_on="s_suppkey")
        .join(t.orders, left_on="l_orderkey", right_on="o_orderkey")
        .join(t.nation, left_on="s_nationkey", right_on="n_nationkey")
        .select(
            pl.col("n_name").alias("nation"), pl.col("o_orderdate").dt.year().alias("o_year"), amount.alias("amount")
        )
        .group_by("nation", "o_year")
        .agg(pl.col("amount").sum().alias("sum_profit"))
        .sort("nation", "o_year", descending=[False, True])
    )


def q10(t):
    customer = ["c_custkey", "c_name", "c_acctbal", "c_phone", "n_name", "c_address", "c_comment"]
    return (
        t.customer.join(
            t.orders.filter(pl.col("o_orderdate").is_between(date(1993, 10, 1), date(1994, 1, 1), closed="left")),
            left_on="c_custkey",
            right_on="o_custkey",
        )
        .join(t.lineitem.filter(pl.col("l_returnflag") == "R"), left_on="o_orderkey", right_on="l_orderkey")
        .join(t.nation, left_on="c_nationkey", right_on="n_nationkey")
        .group_by(customer)
        .agg(REVENUE.sum().alias("revenue"))
        .select("c_custkey", "c_name", "revenue", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment")
        .sort("revenue", descending=True)
        .head(20)
    )


def q11(t):
    stock = (
        t.partsupp.join(t.supplier, left_on="ps_suppkey", right_on="s_suppkey")
        .join(t.nation.filter(pl.col("n_name") == "GERMANY"), left_on="s_nationkey", right_on="n_nationkey")
        .select("ps_partkey", (pl.col("ps_supplycost") * pl.col("ps_availqty")).alias("value"))
    )
    least = stock.select((pl.col("value").sum() * (0.0001 / t.scale)).alias("least"))
    return (
        stock.group_by("ps_partkey")
        .agg(pl.col("value").sum())
        .join(least, how="cross")
        .filter(pl.col("value") > pl.col("least"))
        .select("ps_partkey", "value")
        .sort("value", descending=True)
    )


def q12(t):
    urgent = pl.col("o_orderpriority").is_in(["1-URGENT", "2-HIGH"])
    return (
        t.lineitem.filter(
            pl.col("l_shipmode").is_in(["MAIL", "SHIP"]),
            pl.col("l_commitdate") < pl.col("l_receiptdate"),
            pl.col("l_shipdate") < pl.col("l_commitdate"),
            pl.col("l_receiptdate").is_between(date(1994, 1, 1), date(1995, 1, 1), closed="left"),
        )
        .join(t.orders, left_on="l_orderkey", right_on="o_orderkey")
        .group_by("l_shipmode")
        .agg(urgent.sum().alias("high_line_count"), (~urgent).sum().alias("low_line_count"))
        .sort("l_shipmode")
    )


def q13(t):
    orders = t.orders.filter(~pl.col("o_comment").str.contains("special.*requests"))
    return (
        t.customer.join(orders, left_on="c_custkey", right_on="o_custkey", how="left")
        .group_by("c_custkey")
        .agg(pl.col("o_orderkey").count().alias("c_count"))
        .group_by("c_count")
        .agg(pl.len().alias("custdist"))
        .sort("custdist", "c_count", descending=True)
    )


def q14(t):
    promo = pl.when(pl.col("p_type").str.starts_with("PROMO")).then(REVENUE).otherwise(0.0)
    return (
        t.lineitem.filter(pl.col("l_shipdate").is_between(date(1995, 9, 1), date(1995, 10, 1), closed="left"))
        .join(t.part, left_on="l_partkey", right_on="p_partkey")
        .select((100.0 * promo.sum() / REVENUE.sum()).alias("promo_revenue"))
    )


def q15(t):
    revenue = (
        t.lineitem.filter(pl.col("l_shipdate").is_between(date(1996, 1, 1), date(1996, 4, 1), closed="left"))
        .group_by("l_suppkey")
        .agg(REVENUE.sum().alias("total_revenue"))
    )
    return (
        t.supplier.join(
            revenue.filter(pl.col("total_revenue") == pl.col("total_revenue").max()),
            left_on="s_suppkey",
            right_on="l_suppkey",
        )
        .select("s_suppkey", "s_name", "s_address", "s_phone", "total_revenue")
        .sort("s_suppkey")
    )


def q16(t):
    complained = t.supplier.filter(pl.col("s_comment").str.contains("Customer.*Complaints"))
    return (
        t.part.filter(
            pl.col("p_brand") != "Brand#45",
            ~pl.col("p_type").str.starts_with("MEDIUM POLISHED"),
            pl.col("p_size").is_in([49, 14, 23, 45, 19, 3, 36, 9]),
        )
        .join(t.partsupp, left_on="p_partkey", right_on="ps_partkey")
        .join(complained, left_on="ps_suppkey", right_on="s_suppkey", how="anti")
        .group_by("p_brand", "p_type", "p_size")
        .agg(pl.col("ps_suppkey").n_unique().alias("supplier_cnt"))
        .sort("supplier_cnt", "p_brand", "p_type", "p_size", descending=[True, False, False, False])
    )


def q17(t):
    lines = t.part.filter(pl.col("p_brand") == "Brand#23", pl.col("p_container") == "MED BOX").join(
        t.lineitem, left_on="p_partkey", right_on="l_partkey"
    )
    few = lines.group_by("p_partkey").agg((0.2 * pl.col("l_quantity").mean()).alias("few"))
    return (
        lines.join(few, on="p_partkey")
        .filter(pl.col("l_quantity") < pl.col("few"))
        .select((pl.col("l_extendedprice").sum() / 7.0).alias("avg_yearly"))
    )


def q18(t):
    large = (
        t.lineitem.group_by("l_orderkey").agg(pl.col("l_quantity").sum().alias("sum_qty")).filter(pl.col("sum_qty") > 300)
    )
    return (
        t.orders.join(large, left_on="o_orderkey", right_on="l_orderkey")
        .join(t.customer, left_on="o_custkey", right_on="c_custkey")
        .select("c_name", pl.col("o_custkey").alias("c_custkey"), "o_orderkey", "o_orderdate", "o_totalprice", "sum_qty")
        .sort("o_totalprice", "o_orderdate", descending=[True, False])
        .head(100)
    )


def q19(t):
    def kind(brand, containers, least, size):
        return (
            (pl.col("p_brand") == brand)
            & pl.col("p_container").is_in(containers)
            & pl.col("l_quantity").is_between(least, least + 10)
            & pl.col("p_size").is_between(1, size)
        )

    return (
        t.lineitem.filter(
            pl.col("l_shipmode").is_in(["AIR", "AIR REG"]), pl.col("l_shipinstruct") == "DELIVER IN PERSON"
        )
        .join(t.part, left_on="l_partkey", right_on="p_partkey")
        .filter(
            kind("Brand#12", ["SM CASE", "SM BOX", "SM PACK", "SM PKG"], 1, 5)
            | kind("Brand#23", ["MED BAG", "MED BOX", "MED PKG", "MED PACK"], 10, 10)
            | kind("Brand#34", ["LG CASE", "LG BOX", "LG PACK", "LG PKG"], 20, 15)
        )
        .select(REVENUE.sum().alias("revenue"))
    )


def q20(t):
    shipped = (
        t.lineitem.filter(pl.col("l_shipdate").is_between(date(1994, 1, 1), date(1995, 1, 1), closed="left"))
        .group_by("l_partkey", "l_suppkey")
        .agg((0.5 * pl.col("l_quantity").sum()).alias("half"))
    )
    plenty = (
        t.partsupp.join(
            t.part.filter(pl.col("p_name").str.starts_with("forest")),
            left_on="ps_partkey",
            right_on="p_partkey",
            how="semi",
        )
        .join(shipped, left_on=["ps_partkey", "ps_suppkey"], right_on=["l_partkey", "l_suppkey"])
        .filter(pl.col("ps_availqty") > pl.col("half"))
    )
    return (
        t.supplier.join(
            t.nation.filter(pl.col("n_name") == "CANADA"), left_on="s_nationkey", right_on="n_nationkey", how="semi"
        )
        .join(plenty, left_on="s_suppkey", right_on="ps_suppkey", how="semi")
        .select("s_name", "s_address")
        .sort("s_name")
    )


def q21(t):
    late = t.lineitem.filter(pl.col("l_receiptdate") > pl.col("l_commitdate"))
    # Orders of several suppliers, of whom exactly one was late.
    several = t.lineitem.group_by("l_orderkey").agg(pl.col("l_suppkey").n_unique().alias("all")).filter(pl.col("all") > 1)
    one_late = late.group_by("l_orderkey").agg(pl.col("l_suppkey").n_unique().alias("late")).filter(pl.col("late") == 1)
    saudi = t.nation.filter(pl.col("n_name") == "SAUDI ARABIA")
    return (
        late.join(
            t.supplier.join(saudi, left_on="s_nationkey", right_on="n_nationkey", how="semi"),
            left_on="l_suppkey",
            right_on="s_suppkey",
        )
        .join(
            t.orders.filter(pl.col("o_orderstatus") == "F"), left_on="l_orderkey", right_on="o_orderkey", how="semi"
        )
        .join(several, on="l_orderkey", how="semi")
        .join(one_late, on="l_orderkey", how="semi")
        .group_by("s_name")
        .agg(pl.len().alias("numwait"))
        .sort("numwait", "s_name", descending=[True, False])
        .head(100)
    )


def q22(t):
    customers = t.customer.with_columns(pl.col("c_phone").str.slice(0, 2).alias("cntrycode")).filter(
        pl.col("cntrycode").is_in(["13", "31", "23", "29", "30", "18", "17"])
    )
    mean = customers.filter(pl.col("c_acctbal") > 0.0).select(pl.col("c_acctbal").mean().alias("mean"))
    return (
        customers.join(mean, how="cross")
        .filter(pl.col("c_acctbal") > pl.col("mean"))
        .join(t.orders, left_on="c_custkey", right_on="o_custkey", how="anti")
        .group_by("cntrycode")
        .agg(pl.len().alias("numcust"), pl.col("c_acctbal").sum().alias("totacctbal"))
        .sort("cntrycode")
    )


QUERIES = {name: of for name, of in globals().items() if name[0] == "q" and name[1:].isdigit()}
