//! Pictures of graphs as files.

use stratal::prelude::*;

#[test]
fn a_frame_is_drawn_in_every_format() {
    let directory = tempfile::tempdir().unwrap();
    let df = DFrame::read_csv(concat!(env!("CARGO_MANIFEST_DIR"), "/../data/myfile.*.csv")).filter(col("name").eq("Alice"));
    for (file, mark) in [("g.svg", "<svg"), ("g.dot", "digraph"), ("g.mmd", "flowchart"), ("g.txt", "read-csv")] {
        let path = directory.path().join(file);
        df.visualize(path.to_str().unwrap()).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().contains(mark), "{file}");
    }
    let error = df.visualize(directory.path().join("g.bmp").to_str().unwrap()).unwrap_err();
    assert!(error.help().unwrap().contains(".svg"), "{error}");
}
