//! Mistakes: what they say, and where.

use stratal_array::{DArray, DType};
use stratal_core::ErrorKind;

#[test]
fn the_first_mistake_is_said_with_its_line_and_name() {
    let a = DArray::zeros::<f64>((1000, 3));
    let line = line!() + 1;
    let wrong = (&a + DArray::zeros::<f64>(1000)).sqrt() + DArray::ones::<bool>(2);
    let error = wrong.compute::<f64>().unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("add (") && text.contains(&format!("errors.rs:{line}:")), "{text}");
    assert_eq!(error.message(), "shapes (1000, 3) and (1000,) do not broadcast: axis -1 is 3 and 1000");
    assert_eq!((error.kind(), error.help()), (ErrorKind::Shape, Some("expand_dims(1) on the right makes it (1000, 1)")));
}

#[test]
fn dtypes_without_a_common_one_are_refused() {
    let u8s = DArray::zeros::<u8>(2);
    for wrong in
        [&u8s + 300, &u8s + true, &u8s + DArray::ones::<bool>(2), DArray::ones::<i64>(2) + DArray::ones::<u64>(2), !DArray::ones::<f64>(2)]
    {
        assert_eq!(wrong.check().unwrap_err().kind(), ErrorKind::DType);
    }
    assert_eq!((&u8s + 300).check().unwrap_err().message(), "300 does not fit u8");
    assert_eq!(u8s.compute::<f64>().unwrap_err().kind(), ErrorKind::DType);
    assert!(DArray::zeros::<f64>(2).cast(DType::C128).cast(DType::F64).check().is_err());
    assert!(u8s.sum(1).check().is_err() && u8s.sum([0, 0]).check().is_err());
}
