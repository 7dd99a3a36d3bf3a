//! Indexing, manipulation, sorting and sets.

use super::{Entry, but, done, given, is, not, rows};
use stratal_array::{
    DArray,
    ndarray::{arr1, arr2},
};

const SORT: &str = "comes with `sort`";

pub(super) fn entries() -> Vec<Entry> {
    let mut entries = vec![
        not("take", SORT),
        not("take_along_axis", SORT),
        not("argsort", SORT),
        not("sort", "comes with the shuffle of arrays"),
        not("isin", "comes with `unique_values`"),
        not("unique_all", SORT),
        not("unique_counts", SORT),
        not("unique_inverse", SORT),
        not("unique_values", SORT),
    ];
    entries.extend(manipulation());
    entries
}

fn manipulation() -> Vec<Entry> {
    vec![
        done("broadcast_arrays", "`DArray::broadcast_arrays(&[&x, &y])`", || {
            let both = DArray::broadcast_arrays(&[&given(&[1i64, 2]), &given(&[3i64]).expand_dims(1)]);
            is(&both[0], arr2(&[[1i64, 2]]));
            is(&both[1], arr2(&[[3i64, 3]]));
        }),
        not("broadcast_shapes", "`DArray::broadcast_arrays(..)[0].shape()?`"),
        done("broadcast_to", "`x.broadcast_to(shape)`", || is(&given(&[1i64, 2]).broadcast_to((2, 2)), arr2(&[[1i64, 2], [1, 2]]))),
        but("concat", "`DArray::concat(&[&x, &y], axis)`", "along an axis: flat ones are reshaped before", || {
            is(&DArray::concat(&[&rows(), &rows()], 1), arr2(&[[1i64, 2, 3, 1, 2, 3], [4, 5, 6, 4, 5, 6]]));
        }),
        but("expand_dims", "`x.expand_dims(axis)`", "one axis at a time", || {
            is(&given(&[1i64, 2]).expand_dims(-1), arr2(&[[1i64], [2]]));
        }),
        done("flip", "`x.flip(axes)`", || is(&rows().flip([0, 1]), arr2(&[[6i64, 5, 4], [3, 2, 1]]))),
        done("moveaxis", "`x.moveaxis(from, to)`", || is(&rows().moveaxis(0, -1), arr2(&[[1i64, 4], [2, 5], [3, 6]]))),
        done("permute_dims", "`x.permute_dims([1, 0])`", || is(&rows().permute_dims([-1, 0]), arr2(&[[1i64, 4], [2, 5], [3, 6]]))),
        but("repeat", "`x.repeat(n, axis)`", "one number for all elements", || {
            is(&given(&[1i64, 2]).repeat(2, 0), arr1(&[1i64, 1, 2, 2]));
        }),
        done("reshape", "`x.reshape([-1, 4])`", || is(&rows().reshape((3, -1)), arr2(&[[1i64, 2], [3, 4], [5, 6]]))),
        but("roll", "`x.roll(n, axis)`", "one axis at a time", || is(&rows().roll(1, 1), arr2(&[[3i64, 1, 2], [6, 4, 5]]))),
        done("squeeze", "`x.squeeze(axes)`", || is(&rows().expand_dims(0).squeeze(0), arr2(&[[1i64, 2, 3], [4, 5, 6]]))),
        done("stack", "`DArray::stack(&[&x, &y], axis)`", || {
            is(&DArray::stack(&[&given(&[1i64, 2]), &given(&[3i64, 4])], -1), arr2(&[[1i64, 3], [2, 4]]));
        }),
        done("tile", "`x.tile([2, 1])`", || is(&given(&[1i64, 2]).tile((2, 2)), arr2(&[[1i64, 2, 1, 2], [1, 2, 1, 2]]))),
        done("unstack", "`x.unstack(axis)`", || {
            let columns = rows().unstack(1);
            assert_eq!(columns.len(), 3);
            is(&columns[2], arr1(&[3i64, 6]));
        }),
    ]
}
