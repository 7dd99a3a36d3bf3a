"""Makes the files of this directory: arrays as numpy and zarr-python write them, for the tests of the reader.

    python make.py          (numpy 2, zarr 3)

Every array is a function of the number of its element, `values` below, which the tests know too. Of Zarr arrays the last row is
not written: it is the fill value.
"""

import os
import shutil
import warnings

import numpy as np
import zarr
from numcodecs import Blosc, GZip, Zstd
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, GzipCodec, TransposeCodec, ZstdCodec

HERE = os.path.dirname(os.path.abspath(__file__))
SHAPE = (5, 4)
CHUNKS = (2, 3)


def values(dtype, shape=SHAPE):
    i = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    kind = np.dtype(dtype).kind
    if kind == "b":
        return (i % 3 == 0).astype(dtype)
    if kind == "u":
        return (i % 100).astype(dtype)
    if kind == "i":
        return (i % 100 - 20).astype(dtype)
    if kind == "c":
        return (i - 0.5j * i).astype(dtype)
    return (i * 0.5 - 3).astype(dtype)


def npy():
    root = os.path.join(HERE, "npy")
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(os.path.join(root, "stack"))
    at = lambda name: os.path.join(root, name)
    for dtype in ["b1", "i1", "<i2", "<i4", "<i8", "u1", "<u2", "<u4", "<u8", "<f4", "<f8", "<c8", "<c16", ">i4", ">f8", ">c16"]:
        name = dtype.replace("<", "").replace(">", "big_")
        np.save(at(f"{name}.npy"), values(dtype))
    np.save(at("fortran.npy"), np.asfortranarray(values(">i2", (2, 3, 4))))
    np.save(at("scalar.npy"), np.array(2.5))
    np.save(at("empty.npy"), np.zeros((0, 3)))
    for version in [(2, 0), (3, 0)]:
        with open(at(f"version_{version[0]}.npy"), "wb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            np.lib.format.write_array(file, values("<f8"), version=version)
    np.save(at("half.npy"), values("<f2"))
    np.save(at("text.npy"), np.array(["a", "b"]))
    for nth in range(3):
        np.save(at(f"stack/{nth}.npy"), values("<f8") + 100 * nth)
    arrays = {"a": values("<i4"), "b": np.asfortranarray(values(">f8", (3, 2)))}
    np.savez(at("plain.npz"), **arrays)
    np.savez_compressed(at("packed.npz"), **arrays)


def third(root, name, dtype, fill, **more):
    array = zarr.create_array(os.path.join(root, name), shape=SHAPE, chunks=CHUNKS, dtype=dtype, fill_value=fill, zarr_format=3, **more)
    array[:4] = values(dtype)[:4]


def second(root, name, dtype, fill, **more):
    array = zarr.create_array(os.path.join(root, name), shape=SHAPE, chunks=CHUNKS, dtype=dtype, fill_value=fill, zarr_format=2, **more)
    array[:4] = values(dtype)[:4]


def zarrs():
    root = os.path.join(HERE, "zarr")
    shutil.rmtree(root, ignore_errors=True)
    third(root, "v3_f64_zstd", "float64", np.nan, compressors=ZstdCodec(level=3))
    third(root, "v3_f32_gzip", "float32", -1.5, compressors=GzipCodec(level=6))
    third(root, "v3_i32_blosc", "int32", 7, compressors=BloscCodec(cname="lz4", clevel=5))
    third(root, "v3_u8_crc32c", "uint8", 9, compressors=Crc32cCodec())
    third(root, "v3_bool", "bool", True, compressors=None)
    third(root, "v3_c128", "complex128", 1 + 2j, compressors=ZstdCodec())
    third(root, "v3_i16_transposed", "int16", -1, filters=TransposeCodec(order=(1, 0)), compressors=ZstdCodec())
    third(root, "v3_f64_big", "float64", 0.0, serializer=BytesCodec(endian="big"), compressors=None)
    third(root, "v3_i64_dots", "int64", -5, chunk_key_encoding={"name": "default", "separator": "."})
    third(root, "v3_f64_sharded", "float64", 0.25, shards=(4, 6), compressors=ZstdCodec())
    second(root, "v2_f64_zstd", "float64", np.nan, compressors=Zstd(level=3))
    second(root, "v2_i64_gzip", "int64", -5, compressors=GZip(level=5))
    second(root, "v2_f32_blosc", "float32", 0.5, compressors=Blosc(cname="zstd"))
    second(root, "v2_f64_big", ">f8", 1.0, compressors=None)
    second(root, "v2_i32_fortran", "int32", 7, compressors=Zstd(), order="F")
    second(root, "v2_u16_slashes", "uint16", 3, compressors=None, chunk_key_encoding={"name": "v2", "separator": "/"})
    second(root, "v2_bool", "bool", True, compressors=None)
    second(root, "v2_c64", "complex64", 1 + 2j, compressors=None)
    for version in [2, 3]:
        scalar = zarr.create_array(os.path.join(root, f"v{version}_scalar"), shape=(), dtype="float64", fill_value=0.0, zarr_format=version)
        scalar[...] = 2.5
    zarr.create_group(os.path.join(root, "group"), zarr_format=3)


if __name__ == "__main__":
    npy()
    zarrs()
