//! The 22 queries with the validation parameters of the specification, as a user of frames would write them.

use super::Tables;
use stratal::prelude::*;

/// A query by its number, 1 to 22.
///
/// # Panics
/// For any other number.
pub fn query(number: usize, tables: &Tables) -> DFrame {
    let queries = [q1, q2, q3, q4, q5, q6, q7, q8, q9, q10, q11, q12, q13, q14, q15, q16, q17, q18, q19, q20, q21, q22];
    queries[number - 1](tables)
}

/// What a line of an order brings in.
fn revenue() -> Expr {
    col("l_extendedprice") * (1 - col("l_discount"))
}

fn q1(t: &Tables) -> DFrame {
    let charge = revenue() * (1 + col("l_tax"));
    t.lineitem
        .filter(col("l_shipdate").lt_eq(date("1998-09-02")))
        .group_by(["l_returnflag", "l_linestatus"])
        .agg([
            col("l_quantity").sum().alias("sum_qty"),
            col("l_extendedprice").sum().alias("sum_base_price"),
            revenue().sum().alias("sum_disc_price"),
            charge.sum().alias("sum_charge"),
            col("l_quantity").mean().alias("avg_qty"),
            col("l_extendedprice").mean().alias("avg_price"),
            col("l_discount").mean().alias("avg_disc"),
            count().alias("count_order"),
        ])
        .sort(["l_returnflag", "l_linestatus"])
}

fn q2(t: &Tables) -> DFrame {
    let europe = t.region.filter(col("r_name").eq("EUROPE"));
    let nations = t.nation.join(&europe, left_on("n_regionkey").right_on("r_regionkey").semi());
    let suppliers = t.supplier.join(&nations, left_on("s_nationkey").right_on("n_nationkey"));
    let parts = t.part.filter(col("p_size").eq(15) & col("p_type").like("%BRASS"));
    let offers =
        t.partsupp.join(&parts, left_on("ps_partkey").right_on("p_partkey")).join(&suppliers, left_on("ps_suppkey").right_on("s_suppkey"));
    let cheapest = offers.group_by("ps_partkey").agg(col("ps_supplycost").min().alias("least"));
    offers
        .join(&cheapest, left_on(["ps_partkey", "ps_supplycost"]).right_on(["ps_partkey", "least"]).semi())
        .select(("s_acctbal", "s_name", "n_name", col("ps_partkey").alias("p_partkey"), "p_mfgr", "s_address", "s_phone", "s_comment"))
        .sort((col("s_acctbal").desc(), "n_name", "s_name", "p_partkey"))
        .head(100)
}

fn q3(t: &Tables) -> DFrame {
    let day = date("1995-03-15");
    t.customer
        .filter(col("c_mktsegment").eq("BUILDING"))
        .join(&t.orders.filter(col("o_orderdate").lt(&day)), left_on("c_custkey").right_on("o_custkey"))
        .join(&t.lineitem.filter(col("l_shipdate").gt(&day)), left_on("o_orderkey").right_on("l_orderkey"))
        .group_by(["o_orderkey", "o_orderdate", "o_shippriority"])
        .agg(revenue().sum().alias("revenue"))
        .select((col("o_orderkey").alias("l_orderkey"), "revenue", "o_orderdate", "o_shippriority"))
        .sort((col("revenue").desc(), "o_orderdate"))
        .head(10)
}

fn q4(t: &Tables) -> DFrame {
    let late = t.lineitem.filter(col("l_commitdate").lt(col("l_receiptdate")));
    t.orders
        .filter(col("o_orderdate").gt_eq(date("1993-07-01")) & col("o_orderdate").lt(date("1993-10-01")))
        .join(&late, left_on("o_orderkey").right_on("l_orderkey").semi())
        .group_by("o_orderpriority")
        .agg(count().alias("order_count"))
        .sort("o_orderpriority")
}

fn q5(t: &Tables) -> DFrame {
    let asia = t.region.filter(col("r_name").eq("ASIA"));
    let nations = t.nation.join(&asia, left_on("n_regionkey").right_on("r_regionkey").semi());
    let suppliers = t.supplier.join(&nations, left_on("s_nationkey").right_on("n_nationkey"));
    let orders = t.orders.filter(col("o_orderdate").gt_eq(date("1994-01-01")) & col("o_orderdate").lt(date("1995-01-01")));
    t.customer
        .join(&orders, left_on("c_custkey").right_on("o_custkey"))
        .join(&t.lineitem, left_on("o_orderkey").right_on("l_orderkey"))
        .join(&suppliers, left_on(["l_suppkey", "c_nationkey"]).right_on(["s_suppkey", "s_nationkey"]))
        .group_by("n_name")
        .agg(revenue().sum().alias("revenue"))
        .sort(col("revenue").desc())
}

fn q6(t: &Tables) -> DFrame {
    let in_1994 = col("l_shipdate").gt_eq(date("1994-01-01")) & col("l_shipdate").lt(date("1995-01-01"));
    t.lineitem
        .filter(in_1994 & col("l_discount").between(0.05, 0.07) & col("l_quantity").lt(24))
        .agg((col("l_extendedprice") * col("l_discount")).sum().alias("revenue"))
}

fn q7(t: &Tables) -> DFrame {
    let named = |key: &str, name: &str| t.nation.select((col("n_nationkey").alias(key), col("n_name").alias(name)));
    let pair = |one: &str, two: &str| col("supp_nation").eq(one) & col("cust_nation").eq(two);
    t.lineitem
        .filter(col("l_shipdate").between(date("1995-01-01"), date("1996-12-31")))
        .join(&t.supplier, left_on("l_suppkey").right_on("s_suppkey"))
        .join(&t.orders, left_on("l_orderkey").right_on("o_orderkey"))
        .join(&t.customer, left_on("o_custkey").right_on("c_custkey"))
        .join(&named("sn", "supp_nation"), left_on("s_nationkey").right_on("sn"))
        .join(&named("cn", "cust_nation"), left_on("c_nationkey").right_on("cn"))
        .filter(pair("FRANCE", "GERMANY") | pair("GERMANY", "FRANCE"))
        .group_by((col("supp_nation"), col("cust_nation"), col("l_shipdate").dt().year().alias("l_year")))
        .agg(revenue().sum().alias("revenue"))
        .sort(["supp_nation", "cust_nation", "l_year"])
}

fn q8(t: &Tables) -> DFrame {
    let america = t.region.filter(col("r_name").eq("AMERICA"));
    let here = t.nation.join(&america, left_on("n_regionkey").right_on("r_regionkey").semi()).select(col("n_nationkey").alias("here"));
    let there = t.nation.select((col("n_nationkey").alias("there"), col("n_name").alias("nation")));
    let customers = t.customer.join(&here, left_on("c_nationkey").right_on("here").semi());
    let volume = t
        .part
        .filter(col("p_type").eq("ECONOMY ANODIZED STEEL"))
        .join(&t.lineitem, left_on("p_partkey").right_on("l_partkey"))
        .join(&t.supplier, left_on("l_suppkey").right_on("s_suppkey"))
        .join(
            &t.orders.filter(col("o_orderdate").between(date("1995-01-01"), date("1996-12-31"))),
            left_on("l_orderkey").right_on("o_orderkey"),
        )
        .join(&customers, left_on("o_custkey").right_on("c_custkey").semi())
        .join(&there, left_on("s_nationkey").right_on("there"))
        .select((col("o_orderdate").dt().year().alias("o_year"), revenue().cast("f64").alias("volume"), "nation"));
    let of_brazil = when(col("nation").eq("BRAZIL")).then(col("volume")).otherwise(0.0);
    volume.group_by("o_year").agg((of_brazil.sum() / col("volume").sum()).alias("mkt_share")).sort("o_year")
}

fn q9(t: &Tables) -> DFrame {
    let amount = revenue() - col("ps_supplycost") * col("l_quantity");
    t.part
        .filter(col("p_name").like("%green%"))
        .join(&t.lineitem, left_on("p_partkey").right_on("l_partkey"))
        .join(&t.supplier, left_on("l_suppkey").right_on("s_suppkey"))
        .join(&t.partsupp, left_on(["l_suppkey", "p_partkey"]).right_on(["ps_suppkey", "ps_partkey"]))
        .join(&t.orders, left_on("l_orderkey").right_on("o_orderkey"))
        .join(&t.nation, left_on("s_nationkey").right_on("n_nationkey"))
        .select((col("n_name").alias("nation"), col("o_orderdate").dt().year().alias("o_year"), amount.alias("amount")))
        .group_by(["nation", "o_year"])
        .agg(col("amount").sum().alias("sum_profit"))
        .sort((col("nation"), col("o_year").desc()))
}

fn q10(t: &Tables) -> DFrame {
    let orders = t.orders.filter(col("o_orderdate").gt_eq(date("1993-10-01")) & col("o_orderdate").lt(date("1994-01-01")));
    t.customer
        .join(&orders, left_on("c_custkey").right_on("o_custkey"))
        .join(&t.lineitem.filter(col("l_returnflag").eq("R")), left_on("o_orderkey").right_on("l_orderkey"))
        .join(&t.nation, left_on("c_nationkey").right_on("n_nationkey"))
        .group_by(["c_custkey", "c_name", "c_acctbal", "c_phone", "n_name", "c_address", "c_comment"])
        .agg(revenue().sum().alias("revenue"))
        .select(["c_custkey", "c_name", "revenue", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment"])
        .sort(col("revenue").desc())
        .head(20)
}

fn q11(t: &Tables) -> DFrame {
    let germany = t.nation.filter(col("n_name").eq("GERMANY"));
    let suppliers = t.supplier.join(&germany, left_on("s_nationkey").right_on("n_nationkey").semi());
    let stock = t
        .partsupp
        .join(&suppliers, left_on("ps_suppkey").right_on("s_suppkey").semi())
        .with_column("value", col("ps_supplycost") * col("ps_availqty"));
    let total = stock.agg((col("value").sum().cast("f64") * (0.0001 / t.scale)).alias("least"));
    stock
        .group_by("ps_partkey")
        .agg(col("value").sum())
        .join_cross(&total)
        .filter(col("value").cast("f64").gt(col("least")))
        .drop("least")
        .sort(col("value").desc())
}

fn q12(t: &Tables) -> DFrame {
    let urgent = col("o_orderpriority").is_in(["1-URGENT", "2-HIGH"]);
    let counted = |condition: Expr| when(condition).then(1).otherwise(0).sum();
    t.lineitem
        .filter(col("l_shipmode").is_in(["MAIL", "SHIP"]))
        .filter(col("l_commitdate").lt(col("l_receiptdate")) & col("l_shipdate").lt(col("l_commitdate")))
        .filter(col("l_receiptdate").gt_eq(date("1994-01-01")) & col("l_receiptdate").lt(date("1995-01-01")))
        .join(&t.orders, left_on("l_orderkey").right_on("o_orderkey"))
        .group_by("l_shipmode")
        .agg([counted(urgent.clone()).alias("high_line_count"), counted(!urgent).alias("low_line_count")])
        .sort("l_shipmode")
}

fn q13(t: &Tables) -> DFrame {
    let orders = t.orders.filter(!col("o_comment").like("%special%requests%"));
    t.customer
        .join(&orders, left_on("c_custkey").right_on("o_custkey").left())
        .group_by("c_custkey")
        .agg(col("o_orderkey").count().alias("c_count"))
        .group_by("c_count")
        .agg(count().alias("custdist"))
        .sort((col("custdist").desc(), col("c_count").desc()))
}

fn q14(t: &Tables) -> DFrame {
    let promo = when(col("p_type").like("PROMO%")).then(revenue()).otherwise(0);
    t.lineitem
        .filter(col("l_shipdate").gt_eq(date("1995-09-01")) & col("l_shipdate").lt(date("1995-10-01")))
        .join(&t.part, left_on("l_partkey").right_on("p_partkey"))
        .agg((100.0 * promo.sum().cast("f64") / revenue().sum().cast("f64")).alias("promo_revenue"))
}

fn q15(t: &Tables) -> DFrame {
    let per_supplier = t
        .lineitem
        .filter(col("l_shipdate").gt_eq(date("1996-01-01")) & col("l_shipdate").lt(date("1996-04-01")))
        .group_by("l_suppkey")
        .agg(revenue().sum().alias("total_revenue"));
    // Over one computation: sums of floats that are computed twice may differ in the last digit.
    let best = per_supplier.filter(col("total_revenue").eq(col("total_revenue").max().over(Window::all())));
    t.supplier
        .join(&best, left_on("s_suppkey").right_on("l_suppkey"))
        .select(["s_suppkey", "s_name", "s_address", "s_phone", "total_revenue"])
        .sort("s_suppkey")
}

fn q16(t: &Tables) -> DFrame {
    let complained = t.supplier.filter(col("s_comment").like("%Customer%Complaints%"));
    let parts = t
        .part
        .filter(col("p_brand").not_eq("Brand#45") & !col("p_type").like("MEDIUM POLISHED%"))
        .filter(col("p_size").is_in([49, 14, 23, 45, 19, 3, 36, 9]));
    t.partsupp
        .join(&parts, left_on("ps_partkey").right_on("p_partkey"))
        .join(&complained, left_on("ps_suppkey").right_on("s_suppkey").anti())
        .group_by(["p_brand", "p_type", "p_size"])
        .agg(col("ps_suppkey").n_unique().alias("supplier_cnt"))
        .sort((col("supplier_cnt").desc(), "p_brand", "p_type", "p_size"))
}

fn q17(t: &Tables) -> DFrame {
    let parts = t.part.filter(col("p_brand").eq("Brand#23") & col("p_container").eq("MED BOX"));
    let lines = t.lineitem.join(&parts, left_on("l_partkey").right_on("p_partkey").semi());
    let few = lines.group_by("l_partkey").agg((0.2 * col("l_quantity").mean()).alias("few"));
    lines
        .join(&few, on("l_partkey"))
        .filter(col("l_quantity").cast("f64").lt(col("few")))
        .agg((col("l_extendedprice").sum().cast("f64") / 7.0).alias("avg_yearly"))
}

fn q18(t: &Tables) -> DFrame {
    let large = t.lineitem.group_by("l_orderkey").agg(col("l_quantity").sum().alias("sum_qty")).filter(col("sum_qty").gt(300));
    t.orders
        .join(&large, left_on("o_orderkey").right_on("l_orderkey"))
        .join(&t.customer, left_on("o_custkey").right_on("c_custkey"))
        .select((col("c_name"), col("o_custkey").alias("c_custkey"), "o_orderkey", "o_orderdate", "o_totalprice", "sum_qty"))
        .sort((col("o_totalprice").desc(), "o_orderdate"))
        .head(100)
}

fn q19(t: &Tables) -> DFrame {
    let kind = |brand: &str, containers: [&str; 4], least: i64, size: i64| {
        col("p_brand").eq(brand)
            & col("p_container").is_in(containers)
            & col("l_quantity").between(least, least + 10)
            & col("p_size").between(1, size)
    };
    t.lineitem
        .filter(col("l_shipmode").is_in(["AIR", "AIR REG"]) & col("l_shipinstruct").eq("DELIVER IN PERSON"))
        .join(&t.part, left_on("l_partkey").right_on("p_partkey"))
        .filter(
            kind("Brand#12", ["SM CASE", "SM BOX", "SM PACK", "SM PKG"], 1, 5)
                | kind("Brand#23", ["MED BAG", "MED BOX", "MED PKG", "MED PACK"], 10, 10)
                | kind("Brand#34", ["LG CASE", "LG BOX", "LG PACK", "LG PKG"], 20, 15),
        )
        .agg(revenue().sum().alias("revenue"))
}

fn q20(t: &Tables) -> DFrame {
    let canada = t.nation.filter(col("n_name").eq("CANADA"));
    let forest = t.part.filter(col("p_name").like("forest%"));
    let shipped = t
        .lineitem
        .filter(col("l_shipdate").gt_eq(date("1994-01-01")) & col("l_shipdate").lt(date("1995-01-01")))
        .group_by(["l_partkey", "l_suppkey"])
        .agg((0.5 * col("l_quantity").sum().cast("f64")).alias("half"));
    let plenty = t
        .partsupp
        .join(&forest, left_on("ps_partkey").right_on("p_partkey").semi())
        .join(&shipped, left_on(["ps_partkey", "ps_suppkey"]).right_on(["l_partkey", "l_suppkey"]))
        .filter(col("ps_availqty").gt(col("half")));
    t.supplier
        .join(&canada, left_on("s_nationkey").right_on("n_nationkey").semi())
        .join(&plenty, left_on("s_suppkey").right_on("ps_suppkey").semi())
        .select(["s_name", "s_address"])
        .sort("s_name")
}

fn q21(t: &Tables) -> DFrame {
    let saudi = t.nation.filter(col("n_name").eq("SAUDI ARABIA"));
    let suppliers = t.supplier.join(&saudi, left_on("s_nationkey").right_on("n_nationkey").semi());
    let late = t.lineitem.filter(col("l_receiptdate").gt(col("l_commitdate")));
    // Orders of several suppliers, of whom exactly one was late.
    let several = t.lineitem.group_by("l_orderkey").agg(col("l_suppkey").n_unique().alias("all")).filter(col("all").gt(1));
    let one_late = late.group_by("l_orderkey").agg(col("l_suppkey").n_unique().alias("late")).filter(col("late").eq(1));
    late.join(&suppliers, left_on("l_suppkey").right_on("s_suppkey"))
        .join(&t.orders.filter(col("o_orderstatus").eq("F")), left_on("l_orderkey").right_on("o_orderkey").semi())
        .join(&several, on("l_orderkey").semi())
        .join(&one_late, on("l_orderkey").semi())
        .group_by("s_name")
        .agg(count().alias("numwait"))
        .sort((col("numwait").desc(), "s_name"))
        .head(100)
}

fn q22(t: &Tables) -> DFrame {
    let customers = t
        .customer
        .with_column("cntrycode", col("c_phone").str().slice(0, 2))
        .filter(col("cntrycode").is_in(["13", "31", "23", "29", "30", "18", "17"]));
    let mean = customers.filter(col("c_acctbal").gt(0.0)).agg(col("c_acctbal").mean().alias("mean"));
    customers
        .join_cross(&mean)
        .filter(col("c_acctbal").cast("f64").gt(col("mean")))
        .join(&t.orders, left_on("c_custkey").right_on("o_custkey").anti())
        .group_by("cntrycode")
        .agg([count().alias("numcust"), col("c_acctbal").sum().alias("totacctbal")])
        .sort("cntrycode")
}
