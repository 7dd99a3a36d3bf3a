//! Arrays on every executor, worker processes among them.

use crate::clusters::everywhere;
use stratal::{array::ndarray::arr1, prelude::*};

#[test]
fn a_fused_chain_and_its_reductions_are_the_same_everywhere() {
    everywhere(|name| {
        let x = DArray::arange(0i64..1000).rechunk(64);
        let y = (&x * 3 + 1) % 7;
        let expected: Vec<i64> = (0..1000).map(|x| (x * 3 + 1) % 7).collect();
        assert_eq!(y.compute::<i64>().unwrap(), arr1(&expected).into_dyn(), "{name}");
        assert_eq!(y.sum(..).scalar::<i64>().unwrap(), expected.iter().sum::<i64>(), "{name}");
        assert_eq!(x.var(..).scalar::<f64>().unwrap(), 83_333.25, "{name}");
    });
}

#[test]
fn boxes_running_sums_and_kept_arrays_cross_the_network() {
    everywhere(|name| {
        let x = DArray::from_vec((0..600i64).collect(), (20, 30)).rechunk([7, 8]).persist().unwrap();
        let centred = &x - x.min(keep(0));
        assert_eq!(centred.slice(s![19, ..;-1]).compute::<i64>().unwrap(), arr1(&[570; 30]).into_dyn(), "{name}");
        assert_eq!(x.cumulative_sum(1).slice(s![0, -1]).scalar::<i64>().unwrap(), 435, "{name}");
        assert_eq!(x.roll(1, 1).slice(s![0, 0]).scalar::<i64>().unwrap(), 29, "{name}");
    });
}
