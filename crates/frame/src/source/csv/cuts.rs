//! Where a large CSV file is cut into parts.
//!
//! A file without quotes is cut at newlines. In any other one nothing less than splitting all records tells a newline in a
//! field from one after it: that is done with files of this machine. A large file elsewhere is cut where many records in a row
//! have the right width, and whoever reads the part before a cut finds out whether a record ends there: a cut in the wrong
//! place is an error, and never a wrong row.

use super::{
    record::Dialect,
    records::Records,
    sample::{WHOLE, aligned},
};
use crate::source::files::{BLOCK, Listed, newline_cuts, read_range};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};
use stratal_core::{Error, Result};

/// The places at which a file is cut whose records begin at `body` and have `width` fields.
pub(super) async fn cuts(file: &Listed, body: u64, width: usize, every: u64, dialect: Dialect) -> Result<Vec<u64>> {
    if file.size.saturating_sub(body) <= every {
        return Ok(Vec::new());
    }
    match dialect.quote {
        None => newline_cuts(file, body, every).await,
        Some(quote) if file.site.is_local() => match contains(file, body, quote)? {
            true => record_cuts(file, body, every, dialect).await,
            false => newline_cuts(file, body, every).await,
        },
        Some(_) if file.size <= WHOLE => record_cuts(file, body, every, dialect).await,
        Some(_) => likely_cuts(file, body, width, every, dialect).await,
    }
}

fn contains(file: &Listed, from: u64, wanted: u8) -> Result<bool> {
    let named = |error: io::Error| Error::from(error).in_file(&*file.shown, None, None);
    let mut disk = File::open(file.on_disk()).map_err(named)?;
    disk.seek(SeekFrom::Start(from)).map_err(named)?;
    let mut block = vec![0; BLOCK];
    loop {
        let read = disk.read(&mut block).map_err(named)?;
        if read == 0 || block[..read].contains(&wanted) {
            return Ok(read > 0);
        }
    }
}

async fn record_cuts(file: &Listed, body: u64, every: u64, dialect: Dialect) -> Result<Vec<u64>> {
    let mut records = Records::open(file, body..file.size, None, dialect)?;
    let (mut cuts, mut fields, mut last) = (Vec::new(), Vec::new(), body);
    while let Some(record) = records.record(&mut fields).await? {
        if record.end - last >= every && record.end < file.size {
            cuts.push(record.end);
            last = record.end;
        }
    }
    Ok(cuts)
}

async fn likely_cuts(file: &Listed, body: u64, width: usize, every: u64, dialect: Dialect) -> Result<Vec<u64>> {
    let (mut cuts, mut at) = (Vec::new(), body + every);
    while at < file.size {
        let bytes = read_range(file, at..(at + BLOCK as u64).min(file.size)).await?;
        if let Some(start) = aligned(&bytes, width, dialect, true) {
            let cut = at + start as u64;
            if cut < file.size {
                cuts.push(cut);
                at = cut;
            }
        }
        at += every;
    }
    Ok(cuts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::files::{Listing, list, parts};
    use stratal_stores::wait_here;

    fn listed(text: &str) -> (tempfile::TempDir, Listed) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.csv");
        std::fs::write(&path, text).unwrap();
        let paths = [path.to_str().unwrap().to_owned()];
        let mut files = list(&Listing { paths: &paths, storage: &[], endings: &["csv"], hive: false }).unwrap();
        (directory, files.remove(0))
    }

    const CSV: Dialect = Dialect { delimiter: b',', quote: Some(b'"'), escape: None, comment: None, trim: false };

    #[test]
    fn every_cut_is_where_a_record_begins() {
        let texts = [
            "foo,bar\n\"a\",1\n\"b\",2\n\"c\nd\ne\n\",3\n\"h\",4\n",
            "foo,bar\na,1\nb,2\nc,3\nd,4",
            "a,b\r\n1,2\r\n3,4\r\n5,6\r\n",
            "a,b\n\"1\n\",2\n# \"\n3,4\n# \"\n5,6\n",
        ];
        for text in texts {
            let dialect = Dialect { comment: Some(b'#'), ..CSV };
            let (_directory, file) = listed(text);
            let starts = |every: u64| -> Vec<u64> {
                let cuts = wait_here(cuts(&file, 0, 2, every, dialect)).unwrap();
                let parts = parts(0, file.size, &cuts);
                assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
                assert_eq!((parts[0].start, parts[parts.len() - 1].end), (0, file.size));
                parts.iter().map(|part| part.start).collect()
            };
            let records = starts(0);
            for every in 1..text.len() as u64 + 2 {
                let starts = starts(every);
                assert!(starts.iter().all(|start| records.contains(start)), "{every}: {starts:?} {records:?}");
            }
        }
    }

    #[test]
    fn likely_cuts_are_where_many_records_have_the_right_width() {
        let rows: String = (0..20_000).map(|row| format!("{row},\"two\nlines, and more\",{row}\n")).collect();
        let (_directory, file) = listed(&rows);
        let sure = wait_here(record_cuts(&file, 0, 1, CSV)).unwrap();
        let likely = wait_here(likely_cuts(&file, 0, 3, 64 << 10, CSV)).unwrap();
        assert!(likely.len() > 5 && likely.iter().all(|cut| sure.contains(cut)), "{}", likely.len());
        let (_directory, narrow) = listed(&"a,b\n".repeat(100_000));
        assert!(wait_here(likely_cuts(&narrow, 0, 3, 64 << 10, CSV)).unwrap().is_empty(), "nothing has three fields");
    }
}
