//! A stack of images, one file each, and what each differs by from their mean.
//!
//! The files become one array with a new first axis; only what a task needs of a file is read.
//!
//! ```text
//! cargo run --release --example image_stack
//! 8 images of 48 x 64, their mean 3.5 to 3074.5
//! normalised: -1.528 to 1.528
//! ```

use stratal::{array::NpyWrite, prelude::*};

fn main() -> stratal::Result<()> {
    let directory = std::env::temp_dir().join(format!("stratal-image-stack-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let pixels = DArray::arange(0i64..48 * 64).reshape((48, 64)).cast(DType::F32);
    for nth in 0..8 {
        (&pixels + nth).to_npy(NpyWrite::new(directory.join(format!("image-{nth}.npy"))).overwrite())?;
    }

    let images = DArray::read_npy(directory.join("image-*.npy"));
    let mean = images.mean(keep(0));
    let normalised = (&images - &mean) / images.std(keep(0));

    let shape = images.shape()?;
    let (low, high) = (mean.min(..).scalar::<f32>()?, mean.max(..).scalar::<f32>()?);
    println!("{} images of {} x {}, their mean {low:.1} to {high:.1}", shape[0], shape[1], shape[2]);
    let (low, high) = (normalised.min(..).scalar::<f32>()?, normalised.max(..).scalar::<f32>()?);
    println!("normalised: {low:.3} to {high:.3}");
    std::fs::remove_dir_all(&directory)?;
    Ok(())
}
