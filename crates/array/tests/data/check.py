"""Reads arrays that the tests wrote, with zarr-python and numpy, and compares them with what they should be.

    python check.py DIRECTORY

Exit code 77 says that zarr is not there. The arrays are those of `make.py`, whole.
"""

import os
import sys

try:
    import numpy as np
    import zarr
except ImportError as error:
    print(error)
    sys.exit(77)

# Nothing is left beside the sources.
sys.dont_write_bytecode = True
from make import values

root = sys.argv[1]
checked = 0
for name in sorted(os.listdir(root)):
    path = os.path.join(root, name)
    array = np.load(path) if name.endswith(".npy") else zarr.open_array(path, mode="r")[...]
    expected = values(array.dtype, array.shape)
    if array.dtype.name != name.split("-")[0] or not np.array_equal(array, expected):
        sys.exit(f"{name}: {array.dtype}\n{array}\n{expected}")
    checked += 1
print(checked, "arrays are right")
