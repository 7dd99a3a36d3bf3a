//! What `explain` says.

use stratal_array::{DArray, s};
use stratal_core::Client;

fn entered<T>(test: impl FnOnce() -> T) -> T {
    let client = Client::builder().detached().synchronous().unwrap();
    let _entered = client.enter();
    test()
}

fn explained(a: &DArray) -> String {
    a.explain().unwrap()
}

#[test]
fn a_plan_says_what_is_left_what_is_fused_and_what_it_takes() {
    let x = DArray::arange(0i64..10).rechunk(5);
    let text = explained(&((&x + 1) * 2).sum(..));
    let expected = "\
i64 () in chunks of ()
rewrites  none
nodes     0 arange: i64 (10,) in chunks of (5)
          1 number: i64 () in chunks of ()
          2 add(0, 1): i64 (10,) in chunks of (5)
          3 number: i64 () in chunks of ()
          4 multiply(2, 3): i64 (10,) in chunks of (5)
          5 sum(4): i64 () in chunks of ()
layers    add+multiply+sum[2] -> sum[1]
fused     add+multiply+sum: 3 operations in one pass
reads     nothing
memory    add+multiply+sum[2]: 272 B a task, 544 B together
          sum[1]: 272 B a task, 272 B together
";
    assert_eq!(text, expected);
}

#[test]
fn what_is_read_is_only_what_is_needed() {
    entered(|| {
        let kept = DArray::from_vec((0..100).map(f64::from).collect(), 100).rechunk(10).persist().unwrap();
        let text = explained(&(&kept * 2).slice(s![25..41]));
        assert!(text.contains("reads     persist: 3 of 10 chunks that are kept\n"), "{text}");
        assert!(text.contains("rewrites  view-through-elementwise 1\n"), "{text}");
        let text = explained(&DArray::from_vec(vec![1.0; 100], 100).rechunk(10).slice(s![..5]).exp());
        assert!(text.contains("reads     from_vec: 40 B in memory\n"), "{text}");
    });
}

#[test]
fn what_is_not_fused_says_why() {
    entered(|| {
        let kept = DArray::from_vec((0..100).map(f64::from).collect(), (10, 10)).rechunk(5).persist().unwrap();
        let doubled = &kept * 2;
        let text = explained(&(doubled.slice(s![0, ..]) + doubled.sum(0)));
        assert!(text.contains("not fused slice: its chunks are small parts of those that they are cut from\n"), "{text}");
        assert!(text.contains("          multiply: slice reads boxes of it\n"), "{text}");
        let text = explained(&(&doubled - doubled.sum(..)));
        assert!(text.contains("not fused multiply: it is kept, for 2 operations in several layers read it\n"), "{text}");
        let row = kept.sum(0).sqrt();
        let text = explained(&(&kept + &row));
        assert!(text.contains("not fused sqrt: its (10,) is broadcast to (10, 10), and computed once\n"), "{text}");
    });
}

#[test]
fn a_long_expression_shows_its_beginning_and_its_end() {
    entered(|| {
        let mut x = DArray::arange(0i64..10);
        for _ in 0..1000 {
            x = (&x + 1) * 3;
        }
        let text = explained(&x);
        // One range, two numbers, two thousand operations.
        assert!(text.contains("… 1963 more\n") && text.contains("add+…+multiply: 2000 operations in one pass\n"), "{text}");
        assert!(text.lines().count() < 60, "{text}");
    });
}
