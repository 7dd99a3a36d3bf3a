//! CSV files, and what people put into them.

use super::{Files, everywhere};
use stratal_core::{Client, ErrorKind};
use stratal_frame::{CsvOptions, CsvWrite, DFrame, Mode, OnMismatch, RaggedRows, col, frame};

fn types(frame: &DFrame) -> Vec<String> {
    frame.schema().unwrap().fields().iter().map(|field| format!("{}: {}", field.name(), field.data_type())).collect()
}

#[test]
fn quoted_newlines_are_right_at_every_partition_size() {
    let files = Files::new([("a.csv", "foo,bar\n\"a\",1\n\"b\",2\n\"c\nd\ne\n\",3\n\"h\",4\n")]);
    for bytes in 1..38 {
        let client = Client::builder().threads(2).set("frame.partition_bytes", bytes.to_string()).detached().local().unwrap();
        let _entered = client.enter();
        let frame = files.read("a.csv").collect().unwrap();
        let lengths: Vec<usize> = frame.column::<String>("foo").unwrap().iter().map(String::len).collect();
        assert_eq!(lengths, [1, 1, 6, 1], "{bytes}");
        assert_eq!(files.read("a.csv").agg(col("bar").mean()).collect().unwrap().item::<f64>().unwrap(), 2.5, "{bytes}");
    }
}

#[test]
fn carriage_returns_at_every_partition_size() {
    let files = Files::new([("a.csv", "a,b\r\n1,2\r\n2,3\r\n3,4\r\n4,5\r\n5,6\r\n6,7\r\n")]);
    for bytes in 1..40 {
        let client = Client::builder().threads(2).set("frame.partition_bytes", bytes.to_string()).detached().local().unwrap();
        let _entered = client.enter();
        let sums = files.read("a.csv").agg((col("a").sum(), col("b").sum())).collect().unwrap();
        assert_eq!((sums.value::<i64>(0, "a").unwrap(), sums.value::<i64>(0, "b").unwrap()), (21, 27), "{bytes}");
    }
}

#[test]
fn a_last_line_without_a_newline_and_a_byte_order_mark() {
    let files = Files::new([("a.csv", "\u{feff}a,b\n1,2\n\n3,4")]);
    let frame = files.read("a.csv").collect().unwrap();
    assert_eq!((frame.columns(), frame.column::<i64>("b").unwrap()), (vec!["a", "b"], vec![2, 4]));
}

#[test]
fn types_are_widened_over_all_files() {
    let files = Files::new([
        ("1.csv", "id,x,who,day,flag,big\n1,1,Alice,2024-01-31,true,1\n"),
        ("2.csv", "id,x,who,day,flag,big\n2,2.5,2,2024-02-01,false,18446744073709551616\n"),
        ("3.csv", "id,x,who,day,flag,big\n3,,Frank,never,true,3\n"),
    ]);
    let frame = files.read("*.csv");
    assert_eq!(types(&frame), ["id: Int64", "x: Float64", "who: Utf8", "day: Utf8", "flag: Boolean", "big: Utf8"]);
    let frame = frame.collect().unwrap();
    assert_eq!(frame.column::<Option<f64>>("x").unwrap(), [Some(1.0), Some(2.5), None]);
    assert_eq!(frame.column::<String>("who").unwrap(), ["Alice", "2", "Frank"]);
    assert_eq!(frame.column::<String>("big").unwrap()[1], "18446744073709551616");
}

#[test]
fn an_unquoted_empty_field_is_null_and_a_quoted_one_a_text() {
    let files = Files::new([("a.csv", "s,n\n,1\n\"\",2\nx,\n")]);
    let frame = files.read("a.csv").collect().unwrap();
    assert_eq!(frame.column::<Option<String>>("s").unwrap(), [None, Some(String::new()), Some("x".into())]);
    assert_eq!(frame.column::<Option<i64>>("n").unwrap(), [Some(1), Some(2), None]);
    let named = DFrame::read_csv(CsvOptions::new(files.path("a.csv")).null_values(["", "x"])).collect().unwrap();
    assert_eq!(named.column::<Option<String>>("s").unwrap(), [None, Some(String::new()), None]);
}

#[test]
fn columns_are_matched_by_name() {
    let files = Files::new([("1.csv", "a,b\n1,x\n"), ("2.csv", "a,b\n2,y\n"), ("3.csv", "b,a\nz,3\n")]);
    everywhere(|place| {
        let frame = files.read("*.csv").collect().unwrap();
        assert_eq!(frame.column::<i64>("a").unwrap(), [1, 2, 3], "{place}");
        assert_eq!(frame.column::<String>("b").unwrap(), ["x", "y", "z"], "{place}");
    });
}

#[test]
fn missing_and_extra_columns_are_listed() {
    let files = Files::new([("1.csv", "a,b\n1,x\n"), ("2.csv", "a,c,d\n2,y,z\n")]);
    let error = files.read("*.csv").check().unwrap_err();
    assert_eq!(error.message(), format!("other columns than {}: missing \"b\"; extra \"c\", \"d\"", files.path("1.csv")));
    assert_eq!(error.file(), Some(&*files.path("2.csv")));
}

#[test]
fn empty_files_and_files_without_rows_or_header() {
    let files = Files::new([("1.csv", "1,2\n"), ("2.csv", ""), ("3.csv", "3,4")]);
    let frame = DFrame::read_csv(CsvOptions::new(files.path("*.csv")).header(false)).collect().unwrap();
    assert_eq!(frame.columns(), ["column_1", "column_2"]);
    assert_eq!((frame.column::<i64>("column_1").unwrap(), frame.column::<i64>("column_2").unwrap()), (vec![1, 3], vec![2, 4]));
    let files = Files::new([("a.csv", "x,y\n")]);
    let frame = files.read("a.csv").collect().unwrap();
    assert_eq!((frame.len(), frame.columns()), (0, vec!["x", "y"]));
    let files = Files::new([("a.csv", "")]);
    assert_eq!(files.read("a.csv").check().unwrap_err().message(), "the file is empty: there are no columns");
}

#[test]
fn delimiters_quotes_and_types_are_as_told() {
    let files = Files::new([("a.txt", "zip;price\n01234;'1;5'\n04321;'2'\n")]);
    let options = CsvOptions::new(files.path("a.txt")).delimiter(';').quote('\'').dtype("zip", "str");
    let frame = DFrame::read_csv(options).collect().unwrap();
    assert_eq!(frame.column::<String>("zip").unwrap(), ["01234", "04321"]);
    assert_eq!(frame.column::<String>("price").unwrap(), ["1;5", "2"]);
    let exact = DFrame::read_csv(CsvOptions::new(files.path("a.txt")).delimiter(';').quote('\'').dtype("zip", "i32").dtype("price", "str"));
    assert_eq!(exact.collect().unwrap().column::<i32>("zip").unwrap(), [1234, 4321]);
    let wrong = DFrame::read_csv(CsvOptions::new(files.path("a.txt")).delimiter(';').quote('\'').dtype("zap", "str"));
    assert_eq!(wrong.check().unwrap_err().help(), Some("did you mean \"zip\"?"));
}

/// 5,000 rows, of which the 1,500th, which no sample sees, is of another type.
fn late() -> Files {
    let rows: String = (0..5000).map(|row| if row == 1500 { "\"12,5\",x\n".to_owned() } else { format!("{row},x\n") }).collect();
    Files::new([("late.csv", &*format!("amount,s\n{rows}"))])
}

#[test]
fn a_late_value_is_named_by_file_line_column_and_fix() {
    let files = late();
    everywhere(|place| {
        let error = files.read("late.csv").collect().unwrap_err();
        let path = files.path("late.csv");
        let text = format!(
            "{path}:1502, column \"amount\": \"12,5\" is not i64 (type from 3,000 rows sampled in 1 file)\n\
             help: CsvOptions::dtype(\"amount\", \"str\"), or on_mismatch(OnMismatch::Null)"
        );
        assert_eq!(error.to_string(), text, "{place}");
        assert_eq!((error.kind(), error.line(), error.column()), (ErrorKind::BadValue, Some(1502), Some("amount")), "{place}");
    });
}

#[test]
fn the_fixes_work() {
    let files = late();
    let options = || CsvOptions::new(files.path("late.csv"));
    let nulls = DFrame::read_csv(options().on_mismatch(OnMismatch::Null)).filter(col("amount").is_null()).count().unwrap();
    let texts = DFrame::read_csv(options().dtype("amount", "str")).filter(col("amount").eq("12,5")).count().unwrap();
    assert_eq!((nulls, texts), (1, 1));
    assert_eq!(DFrame::read_csv(options().sample_rows(2000)).collect().unwrap().value::<String>(1500, "amount").unwrap(), "12,5");
}

#[test]
fn a_record_of_another_width_and_an_open_quote_are_named_by_line() {
    let files = Files::new([("a.csv", "a,b\n1,2\n1,2,3\n"), ("b.csv", "a,b\n1,2\n\"1,2\n")]);
    let error = files.read("a.csv").collect().unwrap_err();
    assert_eq!((error.message(), error.line()), ("a record of 3 fields, where there are 2 columns", Some(3)));
    let error = files.read("b.csv").collect().unwrap_err();
    assert_eq!((error.message(), error.line()), ("a quoted field in the record that begins here never ends", Some(3)));
}

#[test]
fn rows_before_one_that_cannot_be_read_come_first_and_of_several_the_first_is_named() {
    let of = |bad: &[(usize, &str)]| -> String {
        let rows = (0..100).map(|row| match bad.iter().find(|(at, _)| *at == row) {
            Some((_, text)) => format!("{text}\n"),
            None => format!("{row},0,0\n"),
        });
        "a,b,c\n".to_owned() + &rows.collect::<String>()
    };
    // Samples are rows 0 to 9, 50 to 59 and 90 to 99.
    let files = Files::new([
        ("values.csv", &*of(&[(60, "x,0,0"), (40, "40,0,x"), (45, "45,x,0")])),
        ("value.csv", &*of(&[(40, "40,x,0"), (70, "70,0")])),
        ("ragged.csv", &*of(&[(40, "40,0"), (60, "x,0,0")])),
    ]);
    everywhere(|place| {
        for (name, column) in [("values.csv", Some("c")), ("value.csv", Some("b")), ("ragged.csv", None)] {
            let frame = DFrame::read_csv(CsvOptions::new(files.path(name)).sample_rows(10));
            let first = frame.head(40).collect().unwrap();
            assert_eq!(first.column::<i64>("a").unwrap(), (0..40).collect::<Vec<_>>(), "{place}: {name}");
            let error = frame.collect().unwrap_err();
            assert_eq!((error.kind(), error.line(), error.column()), (ErrorKind::BadValue, Some(42), column), "{place}: {error}");
        }
    });
}

#[test]
fn a_batch_of_long_texts_has_few_rows() {
    let text = "x".repeat(1 << 20);
    let rows: String = (0..20).map(|row| format!("{row},{text}\n")).collect();
    let files = Files::new([("a.csv", &*format!("id,text\n{rows}"))]);
    let client = Client::builder().threads(2).set("frame.partition_bytes", "1GiB").detached().local().unwrap();
    let _entered = client.enter();
    let frame = files.read("a.csv").collect().unwrap();
    assert_eq!(frame.column::<i64>("id").unwrap(), (0..20).collect::<Vec<_>>());
    let sizes: Vec<usize> = frame.batches().iter().map(|batch| batch.get_array_memory_size()).collect();
    assert!(sizes.iter().all(|size| *size < 12 << 20), "{sizes:?}");
}

#[test]
fn a_file_that_changed_is_not_read_by_old_types() {
    let files = Files::new([("a.csv", "a\n1\n")]);
    let frame = files.read("a.csv");
    frame.check().unwrap();
    std::fs::write(files.root().join("a.csv"), "a\n1\nx\n").unwrap();
    assert!(frame.collect().unwrap_err().message().contains("changed"));
    assert_eq!(files.read("a.csv").collect().unwrap().len(), 2);
}

#[test]
fn every_block_size_gives_the_same_rows() {
    // Quoted newlines and quotes, an escaped quote, comments, blank lines, both ends of lines, and no newline at the end.
    let text =
        "\u{feff}# written by hand\nid,text\r\n1,\"a\nb\"\n# \" a comment\n2,\"say \"\"hi\"\"\n\"\r\n\n3,5\\\" pipe\n4,\"\\\"\n,\"\n5,";
    let files = Files::new([("a.csv", text)]);
    let expected = [Some("a\nb"), Some("say \"hi\"\n"), Some("5\\\" pipe"), Some("\"\n,"), None].map(|text| text.map(str::to_owned));
    for bytes in 1..=text.len() {
        let options = CsvOptions::new(files.path("a.csv")).comment('#').escape('\\').block_bytes(bytes);
        let frame = DFrame::read_csv(options).collect().unwrap();
        assert_eq!(frame.column::<i64>("id").unwrap(), [1, 2, 3, 4, 5], "{bytes}");
        assert_eq!(frame.column::<Option<String>>("text").unwrap(), expected, "{bytes}");
    }
}

#[test]
fn blank_lines_are_rows_of_a_file_of_one_column_wherever_they_stand() {
    let text = "\u{feff}\n# \" a comment\n\r\n5\n\n7\n\n";
    let files = Files::new([
        ("one.csv", text),
        ("headed.csv", "\n\nx\n\n5\n"),
        ("two.csv", "\n\n1,2\n\n3,4\n\n"),
        ("blank.csv", "\n\n\n"),
        ("none.csv", ""),
    ]);
    let bare = |path: String| CsvOptions::new(path).header(false).comment('#');
    for bytes in 1..=text.len() {
        let read = |name: &str| DFrame::read_csv(bare(files.path(name)).block_bytes(bytes)).collect().unwrap();
        let numbers = read("one.csv").column::<Option<i64>>("column_1").unwrap();
        assert_eq!(numbers, [None, None, Some(5), None, Some(7), None], "{bytes}");
        assert_eq!(read("two.csv").column::<i64>("column_2").unwrap(), [2, 4], "{bytes}");
    }
    assert_eq!(files.read("headed.csv").collect().unwrap().column::<Option<i64>>("x").unwrap(), [None, Some(5)]);
    everywhere(|place| {
        let read = |names: &[&str]| {
            let paths: Vec<String> = names.iter().map(|name| files.path(name)).collect();
            DFrame::read_csv(CsvOptions::new(paths).header(false).comment('#')).collect().unwrap()
        };
        let numbers = |names: &[&str]| read(names).column::<Option<i64>>("column_1").unwrap();
        assert_eq!(numbers(&["blank.csv", "one.csv"])[..6], [None, None, None, None, None, Some(5)], "{place}");
        assert_eq!(read(&["none.csv", "blank.csv"]).len(), 3, "{place}");
        // Where there are more columns, they are not.
        assert_eq!(numbers(&["two.csv", "blank.csv"]), [Some(1), Some(3)], "{place}");
        let path = files.path(&format!("{place}.csv"));
        frame! { "x" => [None, None, Some(1i64), None] }.write_csv(CsvWrite::new(&path).header(false).mode(Mode::Overwrite)).unwrap();
        let back = DFrame::read_csv(bare(path)).collect().unwrap();
        assert_eq!(back.column::<Option<i64>>("column_1").unwrap(), [None, None, Some(1), None], "{place}");
    });
    // More of them than are read at once.
    let many = format!("{}5\n", "\n".repeat((1 << 20) + 5));
    std::fs::write(files.root().join("many.csv"), many).unwrap();
    let many = DFrame::read_csv(bare(files.path("many.csv")));
    assert_eq!(many.count().unwrap(), (1 << 20) + 6);
    assert_eq!(many.agg(col("column_1").sum()).collect().unwrap().item::<i64>().unwrap(), 5);
}

#[test]
fn the_cases_of_quoted_newlines_and_carriage_returns_by_option() {
    let files = Files::new([
        ("quoted.csv", "foo,bar\n\"a\",1\n\"b\",2\n\"c\nd\ne\n\",3\n\"h\",4\n"),
        ("returns.csv", "a,b\r\n1,2\r\n2,3\r\n3,4\r\n4,5\r\n5,6\r\n6,7\r\n"),
    ]);
    for bytes in 1..=37 {
        let frame = DFrame::read_csv(CsvOptions::new(files.path("quoted.csv")).block_bytes(bytes)).collect().unwrap();
        let lengths: Vec<usize> = frame.column::<String>("foo").unwrap().iter().map(String::len).collect();
        assert_eq!(lengths, [1, 1, 6, 1], "{bytes}");
        assert_eq!(frame.column::<i64>("bar").unwrap().iter().sum::<i64>(), 10, "{bytes}");
    }
    everywhere(|place| {
        let frame = DFrame::read_csv(CsvOptions::new(files.path("returns.csv")).block_bytes("5 B"));
        assert!(frame.npartitions().unwrap() > 3, "{place}");
        let sums = frame.agg((col("a").sum(), col("b").sum())).collect().unwrap();
        assert_eq!((sums.value::<i64>(0, "a").unwrap(), sums.value::<i64>(0, "b").unwrap()), (21, 27), "{place}");
    });
    let error = DFrame::read_csv(CsvOptions::new(files.path("returns.csv")).block_bytes("many")).check().unwrap_err();
    assert_eq!(error.message(), "\"many\" is not a size");
}

/// 1,000 rows and one that fits none of their types, before so many of the rows.
fn wide(after: usize) -> Files {
    let row = |at: usize| if at == after { "1.5,bar,2.5,3,4998-01-01\n" } else { "1,,2,3,2017-10-31\n" };
    let rows: String = (0..=1000).map(row).collect();
    Files::new([("wide.csv", &*format!("a,b,c,d,e\n{rows}"))])
}

#[test]
fn a_last_row_that_is_seen_widens_and_one_that_is_not_is_an_error_or_widens_too() {
    let wanted = ["a: Float64", "b: Utf8", "c: Float64", "d: Int64", "e: Date32"];
    let read = |files: &Files| CsvOptions::new(files.path("wide.csv")).sample_rows(1);
    let last = wide(1000);
    assert_eq!(types(&DFrame::read_csv(read(&last))), wanted);
    let hidden = wide(700);
    let error = DFrame::read_csv(read(&hidden)).collect().unwrap_err();
    assert_eq!((error.line(), error.column(), error.kind()), (Some(702), Some("a"), ErrorKind::BadValue));
    assert_eq!(error.message(), "\"1.5\" is not i64 (type from 3 rows sampled in 1 file)");
    everywhere(|place| {
        for files in [&last, &hidden] {
            let frame = DFrame::read_csv(read(files).on_mismatch(OnMismatch::Widen).block_bytes("2 KiB"));
            assert_eq!(types(&frame), wanted, "{place}");
            let frame = frame.collect().unwrap();
            assert_eq!((frame.len(), frame.column::<f64>("a").unwrap().iter().sum::<f64>()), (1001, 1001.5), "{place}");
            assert_eq!(frame.column::<Option<String>>("b").unwrap().iter().flatten().collect::<Vec<_>>(), ["bar"], "{place}");
        }
    });
}

#[test]
fn a_type_that_was_given_is_not_widened() {
    let files = wide(700);
    let options = CsvOptions::new(files.path("wide.csv")).on_mismatch(OnMismatch::Widen).dtype("a", "i64");
    assert_eq!(DFrame::read_csv(options).collect().unwrap_err().message(), "\"1.5\" is not i64 (type as given)");
}

#[test]
fn names_in_one_file_and_numbers_in_another_are_texts_everywhere() {
    let files = Files::new([("1.csv", "name\nAlice\nBob\nCharlie\n"), ("2.csv", "name\n1\n2\nFrank\n")]);
    everywhere(|place| {
        let frame = files.read("*.csv").collect().unwrap();
        assert_eq!(frame.column::<String>("name").unwrap(), ["Alice", "Bob", "Charlie", "1", "2", "Frank"], "{place}");
    });
}

#[test]
fn lines_before_the_header_comments_and_blanks_are_passed_over() {
    let files = Files::new([("a.csv", "Report \"of today\n\n% made by hand\n a ; b \n% 9;9\n 1 ; x y \n\n2;\" z \" \n")]);
    let options = || CsvOptions::new(files.path("a.csv")).delimiter(';').skip_rows(2).comment('%');
    let frame = DFrame::read_csv(options().trim(true)).collect().unwrap();
    assert_eq!((frame.columns(), frame.column::<i64>("a").unwrap()), (vec!["a", "b"], vec![1, 2]));
    assert_eq!(frame.column::<String>("b").unwrap(), ["x y", " z "]);
    let frame = DFrame::read_csv(options()).collect().unwrap();
    assert_eq!(frame.columns(), [" a ", " b "]);
    assert_eq!(frame.column::<String>(" b ").unwrap(), [" x y ", " z  "]);
    let short = DFrame::read_csv(options().skip_rows(100).schema(frame.schema().clone()));
    assert_eq!(short.collect().unwrap().len(), 0);
}

#[test]
fn records_that_end_early_are_an_error_or_filled() {
    let files = Files::new([
        ("a.csv", "a,b,c\n1,2,3\n4\n5,6\n\n7,8,9,,\n"),
        ("long.csv", "a,b\n1,2\n1,2,3\n"),
        ("bare.csv", "1\n2,3\n"),
        ("two.csv", "a,b\n1,2\n"),
    ]);
    let error = files.read("a.csv").collect().unwrap_err();
    assert_eq!((error.message(), error.line()), ("a record of 1 fields, where there are 3 columns", Some(3)));
    assert!(error.help().unwrap().contains("FillNull"));
    let filled = |name: &str| CsvOptions::new(files.path(name)).ragged_rows(RaggedRows::FillNull);
    everywhere(|place| {
        let frame = DFrame::read_csv(filled("a.csv").block_bytes(4)).collect().unwrap();
        assert_eq!(frame.column::<i64>("a").unwrap(), [1, 4, 5, 7], "{place}");
        assert_eq!(frame.column::<Option<i64>>("b").unwrap(), [Some(2), None, Some(6), Some(8)], "{place}");
        assert_eq!(frame.column::<Option<i64>>("c").unwrap(), [Some(3), None, None, Some(9)], "{place}");
    });
    let error = DFrame::read_csv(filled("long.csv")).collect().unwrap_err();
    assert_eq!((error.message(), error.line()), ("a record of 3 fields, where there are 2 columns", Some(3)));
    let schema = files.read("two.csv").schema().unwrap();
    let frame = DFrame::read_csv(filled("bare.csv").header(false).schema(schema)).collect().unwrap();
    assert_eq!(frame.column::<i64>("a").unwrap(), [1, 2]);
    assert_eq!(frame.column::<Option<i64>>("b").unwrap(), [None, Some(3)]);
    let error = DFrame::read_csv(filled("bare.csv").header(false)).collect().unwrap_err();
    assert_eq!(error.message(), "a record of 2 fields, where there are 1 columns");
}

#[test]
fn columns_of_all_files_are_put_together_by_name() {
    let files = Files::new([("1.csv", "a,b\n1,x\n"), ("2.csv", "c,a\n2.5,2\n"), ("3.csv", "d\n"), ("4.csv", "")]);
    everywhere(|place| {
        let frame = DFrame::read_csv(CsvOptions::new(files.path("*.csv")).union_by_name(true));
        assert_eq!(types(&frame), ["a: Int64", "b: Utf8", "c: Float64", "d: Utf8"], "{place}");
        let frame = frame.collect().unwrap();
        assert_eq!(frame.column::<i64>("a").unwrap(), [1, 2], "{place}");
        assert_eq!(frame.column::<Option<String>>("b").unwrap(), [Some("x".to_owned()), None], "{place}");
        assert_eq!(frame.column::<Option<f64>>("c").unwrap(), [None, Some(2.5)], "{place}");
    });
    let bare = Files::new([("1.csv", "1,2\n"), ("2.csv", "3\n")]);
    let read = || CsvOptions::new(bare.path("*.csv")).header(false);
    assert!(DFrame::read_csv(read()).check().unwrap_err().message().starts_with("1 columns, and "));
    let frame = DFrame::read_csv(read().union_by_name(true)).collect().unwrap();
    assert_eq!(frame.column::<Option<i64>>("column_2").unwrap(), [Some(2), None]);
}

#[test]
fn the_path_of_each_row_is_a_column_where_that_is_wanted() {
    let files = Files::people();
    everywhere(|place| {
        let frame = DFrame::read_csv(CsvOptions::new(files.path("myfile.[01].csv")).path_column("path"));
        let rows = frame.select(["path", "id"]).collect().unwrap();
        let [first, second] = ["myfile.0.csv", "myfile.1.csv"].map(|name| files.path(name));
        assert_eq!(rows.column::<String>("path").unwrap(), [first.clone(), first.clone(), second.clone(), second], "{place}");
        let one = frame.filter(col("path").eq(first));
        assert!(one.explain().unwrap().contains("files=1"), "{place}");
        assert_eq!(one.collect().unwrap().column::<i64>("id").unwrap(), [1, 2], "{place}");
        assert_eq!(frame.select(["path"]).count().unwrap(), 4, "{place}");
    });
    let taken = DFrame::read_csv(CsvOptions::new(files.path("myfile.0.csv")).path_column("id"));
    assert!(taken.check().unwrap_err().help().unwrap().contains("path_column"));
}

#[test]
fn a_file_is_read_whatever_its_name_ends_in() {
    let files = Files::new([("rows.data", "a\tb\n1\t2\n")]);
    let frame = DFrame::read_csv(CsvOptions::new(files.path("rows.data")).delimiter('\t')).collect().unwrap();
    assert_eq!(frame.column::<i64>("b").unwrap(), [2]);
    let url = DFrame::read_csv(CsvOptions::new(format!("file://{}", files.path("rows.data"))).delimiter('\t'));
    assert_eq!(url.count().unwrap(), 1);
    let error = DFrame::read_csv("ftp://host/x.csv").check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[test]
fn options_that_contradict_each_other_are_told() {
    let check = |options: CsvOptions| DFrame::read_csv(options).check().unwrap_err().to_string();
    assert!(check(CsvOptions::new("x.csv").comment(',')).contains("both delimiter and comment"));
    assert!(check(CsvOptions::new("x.csv").comment('"')).contains("both quote and comment"));
    assert!(check(CsvOptions::new("x.csv").escape('é')).contains("the escape cannot be"));
    assert!(check(CsvOptions::new("x.csv").compression("rar")).contains("no file matches"));
    let files = Files::new([("x.csv", "a\n")]);
    assert!(check(CsvOptions::new(files.path("x.csv")).compression("rar")).contains("\"rar\" is no compression"));
}
