"""Writes goldens.tsv: what numpy makes of small arrays, for `tests/it/goldens.rs`, which has a case for every line.

    python make.py          (numpy 2)

A line is a name, a dtype, a shape and the elements in row-major order. Lines whose names begin with `<` are what cases are made
of. Floats are written with as many digits as make them again.

Where numpy differs from the Array API or from Stratal, the line is what Stratal promises, and the place says so:

- `bool` meets numbers in numpy; the standard leaves it open, and Stratal refuses it.
- Signed integers and `uint64` are `float64` in numpy; the standard has no dtype for both, and Stratal refuses them.
- Elementary functions of small integers are `float16` and `float32` in numpy, `f64` in Stratal.
- Of powers of integers to negative ones numpy refuses all; of shifts by negative numbers the standard says nothing. Neither is here.
- numpy's `pad` has many modes, Stratal's is `constant`. The variance of complex numbers is refused.
- Where `ddof` is not below the number of elements, numpy's `var` is infinite and its `nanvar` NaN; Stratal's are NaN.
- The sign of -0 is -0 in Stratal, 0 in numpy; the standard says 0 and means both. Sums begin at 0, numpy's at -0.
- An empty `argmax` and `nanargmax` of nothing but NaN are errors in both; they are in `cases.rs` and `errors.rs`.
- Which of two zeros `maximum` and `minimum` give is left open: of Stratal it is the positive one, and the negative one.
"""

import os
import warnings

import numpy as np

warnings.simplefilter("ignore")
np.seterr(all="ignore")

NAN, INF = np.nan, np.inf
TINY, LEAST, HUGE = 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308
NAMES = {
    "bool": "bool", "int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64", "uint8": "u8", "uint16": "u16",
    "uint32": "u32", "uint64": "u64", "float32": "f32", "float64": "f64", "complex64": "c64", "complex128": "c128",
}
lines = {}


def text(x):
    if isinstance(x, np.bool_):
        return str(int(x))
    if isinstance(x, np.complexfloating):
        return f"{text(x.real)},{text(x.imag)}"
    if isinstance(x, np.floating):
        return np.format_float_scientific(x, trim="-", exp_digits=1) if np.isfinite(x) else str(x)
    return str(x)


def put(name, array):
    array = np.asarray(array)
    assert name not in lines, name
    values = " ".join(text(x) for x in array.ravel())
    lines[name] = f"{name}\t{NAMES[array.dtype.name]}\t{','.join(map(str, array.shape))}\t{values}"
    return array


def given(name, array):
    return put("<" + name, array)


def elementwise():
    f64 = given("f64", np.array([NAN, INF, -INF, 0.0, -0.0, 1, -1, TINY, -TINY, LEAST, HUGE, -HUGE, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-8,
                                 -1e-8, 710, -745.2, 3, 0.1, 1e22, 4503599627370497.5]))
    f32 = given("f32", np.array([NAN, INF, -INF, 0.0, -0.0, 1, -1, 1e-45, -1e-45, 1.1754944e-38, 3.4028235e38, 0.5, -0.5, 1.5, 2.5,
                                 1e-4, 88.8, -103.5, 3, 0.1], dtype=np.float32))
    exact = {
        "abs": np.abs, "ceil": np.ceil, "floor": np.floor, "trunc": np.trunc, "round": np.round, "sign": np.sign,
        "signbit": np.signbit, "sqrt": np.sqrt, "square": np.square, "reciprocal": np.reciprocal, "negative": np.negative,
        "is_nan": np.isnan, "is_inf": np.isinf, "is_finite": np.isfinite,
    }
    near = {name: getattr(np, name) for name in [
        "exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh",
        "acosh", "atanh"]}
    for dtype, x in [("f64", f64), ("f32", f32)]:
        for name, function in (exact | near).items():
            put(f"{name} {dtype}", function(x))
    few = given("few", np.array([NAN, INF, -INF, 0.0, -0.0, 1, -1, 2.5, -2.5, 3, TINY, 1e308]))
    a, b = few[:, None], few[None, :]
    for name, function in {
        "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide, "floor_divide": np.floor_divide,
        "remainder": np.remainder, "rem": np.fmod, "copysign": np.copysign, "nextafter": np.nextafter, "pow": np.pow,
        "atan2": np.atan2, "hypot": np.hypot, "logaddexp": np.logaddexp, "eq": np.equal, "not_eq": np.not_equal, "lt": np.less,
        "lt_eq": np.less_equal, "gt": np.greater, "gt_eq": np.greater_equal,
    }.items():
        put(f"{name} few", function(a, b))
    # Without two zeros of different signs.
    some = given("some", few[few != 0])
    for name, function in {"maximum": np.maximum, "minimum": np.minimum}.items():
        put(f"{name} some", function(some[:, None], some[None, :]))


def integers():
    i8 = given("i8", np.array([-128, -127, -7, -1, 0, 1, 2, 7, 8, 127], dtype=np.int8))
    u8 = given("u8", np.array([0, 1, 2, 7, 8, 9, 127, 128, 255], dtype=np.uint8))
    both = {
        "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide, "floor_divide": np.floor_divide,
        "remainder": np.remainder, "rem": np.fmod, "bitwise_and": np.bitwise_and, "bitwise_or": np.bitwise_or,
        "bitwise_xor": np.bitwise_xor, "maximum": np.maximum, "minimum": np.minimum, "lt": np.less, "eq": np.equal,
    }
    for dtype, x in [("i8", i8), ("u8", u8)]:
        for name, function in both.items():
            put(f"{name} {dtype}", function(x[:, None], x[None, :]))
        by = given(f"by {dtype}", np.array([0, 1, 2, 3, 7, 8, 9, 100], dtype=x.dtype))
        for name, function in {"left_shift": np.left_shift, "right_shift": np.right_shift, "pow": np.pow}.items():
            put(f"{name} {dtype}", function(x[:, None], by[None, :]))
        for name, function in {"abs": np.abs, "negative": np.negative, "sign": np.sign, "square": np.square,
                               "invert": np.invert}.items():
            put(f"{name} {dtype}", function(x))
        # numpy's are float16.
        put(f"sqrt {dtype}", np.sqrt(x.astype(np.float64)))


def promotion():
    dtypes = [np.dtype(name) for name in NAMES]

    def together(a, b):
        kinds = {a.kind, b.kind}
        if "b" in kinds and len(kinds) > 1 or kinds == {"i", "u"} and "uint64" in (a.name, b.name):
            return "none"
        return NAMES[np.result_type(a, b).name]

    table = " ".join(together(a, b) for a in dtypes for b in dtypes)
    lines["promotion"] = f"promotion\tdtypes\t{len(dtypes)},{len(dtypes)}\t{table}"


AXES = {"all": None, "0": 0, "1": 1, "last": -1, "0 and last": (0, -1), "none": ()}


def reductions():
    # Multiples of an eighth: sums are exact in any order.
    box = given("box", ((np.arange(60) * 7919 % 101 - 50) / 8).reshape(3, 4, 5))
    nans = box.copy()
    nans[0, 1, 2] = nans[2, 3, 4] = nans[1, :, 0] = NAN
    given("nans", nans)
    small = given("small", (np.arange(60) * 31 % 200 - 100).astype(np.int8).reshape(3, 4, 5))
    unsigned = given("unsigned", (np.arange(60) * 37 % 256).astype(np.uint8).reshape(3, 4, 5))
    flags = given("flags", (np.arange(60) * 7 % 5 == 0).reshape(3, 4, 5))
    single = given("single", box.astype(np.float32))
    factors = given("factors", np.array([1, 2, -1, 0.5] * 15).reshape(3, 4, 5))
    complexes = given("complex", (box[0] + 1j * box[1]).astype(np.complex128))
    ones = {
        "sum": np.sum, "mean": np.mean, "var": np.var, "std": np.std, "min": np.min, "max": np.max, "any": np.any, "all": np.all,
        "count_nonzero": np.count_nonzero,
    }
    for of, x in {"box": box, "nans": nans, "small": small, "unsigned": unsigned, "single": single}.items():
        for name, function in ones.items():
            for axes, axis in AXES.items():
                put(f"{name} {of} {axes}", function(x, axis=axis))
        for name, function in {"argmin": np.argmin, "argmax": np.argmax}.items():
            for axes in ["all", "0", "1", "last"]:
                put(f"{name} {of} {axes}", function(x, axis=AXES[axes]))
    for name in ["sum", "any", "all", "count_nonzero", "mean"]:
        put(f"{name} flags 1", ones[name](flags, axis=1))
    for axes, axis in AXES.items():
        put(f"prod factors {axes}", np.prod(factors, axis=axis))
    put("prod unsigned 1", np.prod(unsigned, axis=1))
    put("sum keep 1", np.sum(box, axis=1, keepdims=True))
    put("max keep all", np.max(box, axis=None, keepdims=True))
    put("argmax keep 1", np.argmax(box, axis=1, keepdims=True))
    for ddof in [1, 2]:
        put(f"var ddof {ddof}", np.var(box, axis=-1, ddof=ddof))
        put(f"std ddof {ddof}", np.std(box, axis=-1, ddof=ddof))
    for ddof in [1, 4]:
        put(f"nan_var ddof {ddof}", np.nanvar(nans, axis=-1, ddof=ddof))
        put(f"nan_std ddof {ddof}", np.nanstd(nans, axis=-1, ddof=ddof))
    for name in ["sum", "mean", "min", "max", "var", "std"]:
        for axes in ["all", "0", "1", "last"]:
            put(f"nan_{name} nans {axes}", getattr(np, f"nan{name}")(nans, axis=AXES[axes]))
    put("nan_prod nans 0", np.nanprod(nans, axis=0))
    for name in ["argmin", "argmax"]:
        # A line along axis 1 is nothing but NaN, which is an error.
        for axes in ["all", "0", "last"]:
            put(f"nan_{name} nans {axes}", getattr(np, f"nan{name}")(nans, axis=AXES[axes]))
    for name in ["sum", "mean", "prod"]:
        put(f"{name} complex 0", getattr(np, name)(complexes[:2], axis=0))
    ties = given("ties", np.array([3.0, 1, 3, 1, 2, 3, 1]))
    late = given("late", np.array([1.0, 5, NAN, 7, NAN, 0]))
    for of, x in {"ties": ties, "late": late}.items():
        put(f"argmin {of}", np.argmin(x))
        put(f"argmax {of}", np.argmax(x))
    put("nan_argmin late", np.nanargmin(late))
    put("nan_argmax late", np.nanargmax(late))
    empty = given("empty", np.zeros((0, 3)))
    zero = given("zero", np.float64(2.5))
    for name in ["sum", "prod", "mean", "var", "any", "all", "count_nonzero"]:
        put(f"{name} empty 0", getattr(np, name)(empty, axis=0))
        put(f"{name} empty 1", getattr(np, name)(empty, axis=1))
        put(f"{name} zero", getattr(np, name)(zero, axis=None))
    put("max empty 1", np.max(empty, axis=1))
    put("argmax zero", np.argmax(zero))


def running():
    box, nans = np.asarray(get("box")), np.asarray(get("nans"))
    for axis in range(3):
        put(f"cumulative_sum box {axis}", np.cumulative_sum(box, axis=axis))
        put(f"nan_cumulative_sum nans {axis}", np.nancumsum(nans, axis=axis))
        put(f"cumulative_sum small {axis}", np.cumulative_sum(get("small"), axis=axis))
        put(f"cumulative_prod factors {axis}", np.cumulative_prod(get("factors"), axis=axis))
    put("cumulative_sum nans last", np.cumulative_sum(nans, axis=-1))
    put("nan_cumulative_prod nans 0", np.nancumprod(nans, axis=0))
    put("cumulative_sum flags 1", np.cumsum(get("flags"), axis=1))
    put("cumulative_prod unsigned 1", np.cumulative_prod(get("unsigned"), axis=1))
    put("cumulative_sum empty 0", np.cumulative_sum(get("empty"), axis=0))


KEPT = {}


def get(name):
    return KEPT[name]


def slices():
    line = given("line", np.arange(104))
    put("line[100:27:-3]", line[100:27:-3])
    put("line[::-3]", line[::-3])
    put("line[90:1000]", line[90:1000])
    put("line[-3:]", line[-3:])
    put("line[50:20]", line[50:20])
    put("line[-1000:4:3]", line[-1000:4:3])
    box = get("box")
    put("box[::-1, 1:3, ::2]", box[::-1, 1:3, ::2])
    put("box[-1]", box[-1])
    put("box[..., 2]", box[..., 2])
    put("box[1, 3:0:-1, -1]", box[1, 3:0:-1, -1])
    put("box[0, newaxis, :, newaxis, 1]", box[0, None, :, None, 1])
    put("box[3:, ::-2]", box[3:, ::-2])


def moves():
    box, small, unsigned, single = get("box"), get("small"), get("unsigned"), get("single")
    for axis in [0, 1, -1]:
        put(f"concat {axis}", np.concat([box, -box, box], axis=axis))
        put(f"stack {axis}", np.stack([box, -box], axis=axis))
    put("concat small unsigned", np.concat([small, unsigned], axis=1))
    put("concat single small", np.concat([single, small], axis=0))
    put("pad", np.pad(box, [(1, 2), (0, 3), (4, 0)], constant_values=7))
    for shift in [1, -2, 9]:
        put(f"roll {shift}", np.roll(box, shift, axis=1))
    put("flip 1", np.flip(box, axis=1))
    put("flip 0 and last", np.flip(box, axis=(0, -1)))
    put("flip all", np.flip(box))
    put("tile 2", np.tile(box, 2))
    put("tile (2, 1, 3, 1)", np.tile(box[:, :2, :2], (2, 1, 3, 1)))
    put("tile (0, 2)", np.tile(box[:, :2, :2], (0, 2)))
    for axis in range(3):
        put(f"repeat {axis}", np.repeat(box, 3, axis=axis))
    put("repeat 0 times", np.repeat(box, 0, axis=1))
    put("broadcast_to", np.broadcast_to(box[0, :, :1], (2, 4, 3)))
    put("expand_dims 1", np.expand_dims(box, 1))
    put("expand_dims -1", np.expand_dims(box, -1))
    put("squeeze", np.squeeze(box[:1, :, 2:3], axis=(0, 2)))
    put("moveaxis", np.moveaxis(box, [0, 1], [-1, 0]))
    put("permute_dims", np.permute_dims(box, (2, 0, 1)))
    put("t", box.T)
    put("matrix_transpose", np.matrix_transpose(box))
    for shape in [(60,), (12, 5), (3, 20), (5, 12), (-1, 6), (2, 2, 3, 5), (1, 60, 1)]:
        put(f"reshape {shape}", box.reshape(shape))
    put("reshape of t", box.T.reshape(4, -1))
    put("unstack", np.unstack(box, axis=1)[2])


def choices():
    box, nans = get("box"), get("nans")
    put("where", np.where(box > 0, box, -1.0))
    put("where of rows", np.where(box[:, :1] < 0, box[0], nans))
    put("where with small", np.where(get("flags"), get("small"), get("unsigned")))
    put("clip", np.clip(nans, -2, 3))
    put("clip wrong way", np.clip(box, 3, -2))
    put("clip by arrays", np.clip(box, box[0], box[1]))
    put("clip small", np.clip(get("small"), np.int8(-10), np.int8(20)))


def casts():
    x = given("castable", np.array([0.0, -0.0, 1.9, -1.9, 100.5, -100.5]))
    for dtype in ["bool", "int8", "int64", "float32", "complex64"]:
        put(f"cast {NAMES[dtype]}", x.astype(dtype))
    put("cast unsigned small", get("unsigned").astype(np.int8))
    put("cast small unsigned", get("small").astype(np.uint64))


def products():
    def of(name, *shape, dtype=np.float64):
        count = int(np.prod(shape))
        return given(name, ((np.arange(count) * 5 + len(name)) % 13 - 4).astype(dtype).reshape(shape))

    a, b = of("a", 3, 4), of("b b", 4, 2)
    u, v = of("u", 4), of("v v", 4)
    batch, more = of("batch", 2, 1, 3, 4), of("more", 5, 4, 2)
    put("matmul", a @ b)
    put("matmul of vectors", u @ v)
    put("matmul left vector", u @ b)
    put("matmul right vector", a @ u)
    put("matmul of batches", batch @ more)
    put("matmul of a vector and batches", u @ more)
    put("matmul of transposes", b.T @ a.T)
    p, q = of("p", 3, 4, dtype=np.int8), of("q q", 4, 5, dtype=np.int8)
    put("matmul of integers", (p * np.int8(20)) @ (q * np.int8(20)))
    put("matmul of booleans", (a > 3) @ (b > 3))
    z = given("z", a + 1j * a[::-1])
    put("matmul of complex numbers", z @ b)
    put("matmul of mixed dtypes", p @ b)
    t, w = of("t", 3, 4, 2), of("w w", 4, 3, 5)
    for name, axes in {"1": 1, "0": 0}.items():
        put(f"tensordot {name}", np.tensordot(a, b, axes=axes))
    put("tensordot of pairs", np.tensordot(t, w, axes=([0, 1], [1, 0])))
    put("tensordot of all", np.tensordot(t, t, axes=3))
    put("vecdot", np.vecdot(a, u))
    put("vecdot of complex numbers", np.vecdot(z, z))
    put("vecdot along 0", np.vecdot(a, a, axis=0))
    put("outer", np.outer(u, v))
    for spec, arrays in {"ij,jk->ik": (a, b), "ij,ij->": (a, a), "ij->j": (a,), "ij->ji": (a,), "ijk,jil->kl": (t, w), "i,j": (u, v),
                         "ij,jk,j->ki": (a, b, u), "ij,kj->ijk": (a, a)}.items():
        put(f"einsum {spec}", np.einsum(spec, *arrays))


def made():
    put("arange 3 20 4", np.arange(3, 20, 4))
    put("arange 20 3 -4", np.arange(20, 3, -4))
    put("arange 5 5", np.arange(5, 5))
    put("arange halves", np.arange(0.0, 3.2, 0.5))
    put("linspace", np.linspace(-1, 1, 7))
    put("linspace 1", np.linspace(2.0, 5.0, 1))
    put("eye", np.eye(4))


def keep_given():
    """Inputs by their names, for the cases after them."""
    original = given

    def kept(name, array):
        KEPT[name] = original(name, array)
        return KEPT[name]

    globals()["given"] = kept


keep_given()
for part in [elementwise, integers, promotion, reductions, running, slices, moves, choices, casts, products, made]:
    part()
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "goldens.tsv")
with open(path, "w") as file:
    file.write("\n".join(lines.values()) + "\n")
print(len(lines), "lines,", os.path.getsize(path), "bytes")
