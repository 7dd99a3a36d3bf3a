//! Files: arrays that are read where they are needed, and verbs that write.

use super::{
    DArray,
    make::chunk_bytes,
    regrid,
    verbs::{off_thread, options},
};
use crate::{
    grid::Grid,
    io::{NpyFiles, NpyOptions, NpyTarget, NpyWrite, Source, Target, ZarrArray, ZarrOptions, ZarrTarget, ZarrWrite},
    lower::{Nodes, fitted, lower},
    node::{Node, Op},
};
use std::{panic::Location, sync::Arc};
use stratal_core::{Error, ErrorKind, Result, graph::LayeredGraph, value::DType};

fn stored(name: &'static str, source: Source, grid: Grid) -> Result<Arc<Node>> {
    let dtype = source.dtype();
    Ok(Node::new(name, Arc::new(grid), dtype, Op::Read(Arc::new(source)), Vec::new()))
}

impl DArray {
    /// A `.npy` file, or several of them stacked on a new first axis: a path, a URL (`s3://…`), a pattern (`frames/*.npy`), or
    /// [`NpyOptions`]. Files of a pattern come sorted by name, and are all alike.
    ///
    /// Headers are read at once; of the elements, a task reads the bytes of its chunk. Chunks are cut by themselves, to about
    /// `array.chunk_bytes`, so that each is one piece of a file; [`rechunk`](Self::rechunk) costs nothing while that stays
    /// cheap to read. Both orders of axes and of bytes are read; booleans, integers, floats and complex numbers.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let path = std::env::temp_dir().join(format!("stratal-doc-{}-read.npy", std::process::id()));
    /// DArray::arange(0i64..6).to_npy(&path)?;
    /// assert_eq!(DArray::read_npy(&path).sum(..).scalar::<i64>()?, 15);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Of the verb: `NotFound` where there is no file; `BadValue` for one that is no `.npy` file or is cut off; `DType` for
    /// elements that are not read; `Shape` for files that differ.
    #[track_caller]
    pub fn read_npy(files: impl Into<NpyOptions>) -> Self {
        let NpyOptions { address } = files.into();
        DArray::begin("read_npy", Location::caller(), || {
            let files = NpyFiles::open(&address.path, &address.storage)?;
            let grid = files.grid(chunk_bytes());
            stored("read_npy", Source::Npy(files), grid)
        })
    }

    /// An array of a `.npz` archive, by name. One that is not compressed is read as a `.npy` file is; a compressed one can only
    /// be read from its beginning, so that it is one chunk.
    ///
    /// ```no_run
    /// use stratal_array::DArray;
    /// let weights = DArray::read_npz("model.npz", "weights");
    /// ```
    ///
    /// # Errors
    /// Of the verb: as [`read_npy`](Self::read_npy); `NotFound` for a name that the archive does not have.
    #[track_caller]
    pub fn read_npz(file: impl Into<NpyOptions>, name: impl AsRef<str>) -> Self {
        let NpyOptions { address } = file.into();
        DArray::begin("read_npz", Location::caller(), || {
            let files = NpyFiles::open_npz(&address.path, name.as_ref(), &address.storage)?;
            let grid = files.grid(chunk_bytes());
            stored("read_npz", Source::Npy(files), grid)
        })
    }

    /// A Zarr array, version 2 or 3: a path, a URL (`s3://…`), or [`ZarrOptions`].
    ///
    /// The array's document is read at once; of the elements, a task reads the storage chunks of its chunk. Chunks are cut by
    /// themselves, to about `array.chunk_bytes`, each of whole chunks or shards of the storage; slices read what they touch.
    /// Codecs are zstd, gzip, blosc, crc32c, transpose and sharding.
    ///
    /// ```
    /// use stratal_array::{DArray, ZarrWrite};
    /// let path = std::env::temp_dir().join(format!("stratal-doc-{}-read.zarr", std::process::id()));
    /// DArray::linspace(0.0, 1.0, 11).to_zarr(ZarrWrite::new(&path).chunks(4).overwrite())?;
    /// assert_eq!(DArray::read_zarr(&path).slice(stratal_array::s![5]).scalar::<f64>()?, 0.5);
    /// # std::fs::remove_dir_all(&path)?;
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Of the verb: `NotFound` where there is no array; `BadValue` for a half-written or damaged one, or a group; `DType` for
    /// elements that are not read.
    #[track_caller]
    pub fn read_zarr(array: impl Into<ZarrOptions>) -> Self {
        let ZarrOptions { address } = array.into();
        DArray::begin("read_zarr", Location::caller(), || {
            let array = ZarrArray::open(&address.path, &address.storage)?;
            let grid = array.grid(chunk_bytes());
            stored("read_zarr", Source::Zarr(array), grid)
        })
    }

    /// Runs everything and writes a `.npy` file, or with [`NpyWrite`] or a path without an ending, a directory with one file
    /// for each index of the first axis. Tasks write their elements at once, into a file that gets its name when it is whole.
    ///
    /// ```
    /// use stratal_array::{DArray, NpyWrite};
    /// let path = std::env::temp_dir().join(format!("stratal-doc-{}-write.npy", std::process::id()));
    /// DArray::eye::<f32>(3).to_npy(NpyWrite::new(&path).overwrite())?;
    /// assert_eq!(std::fs::metadata(&path)?.len(), 128 + 9 * 4);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first mistake; `Exists` for a file that may not be replaced; `Io`, `Disk` for what the file system reports; what
    /// went wrong while it ran.
    pub fn to_npy(&self, to: impl Into<NpyWrite>) -> Result<()> {
        self.write("to_npy", npy(to.into()))
    }

    /// [`to_npy`](Self::to_npy), async.
    ///
    /// # Errors
    /// As [`to_npy`](Self::to_npy).
    pub async fn to_npy_async(&self, to: impl Into<NpyWrite>) -> Result<()> {
        self.write_async("to_npy", npy(to.into())).await
    }

    /// Runs everything and writes a Zarr array: to a path, a URL (`s3://…`), or as [`ZarrWrite`] says. Tasks write whole
    /// chunks, or shards; an array that is cut otherwise is cut anew. No program takes it for an array before it is whole.
    ///
    /// ```
    /// use stratal_array::{DArray, ZarrWrite};
    /// let path = std::env::temp_dir().join(format!("stratal-doc-{}-to.zarr", std::process::id()));
    /// let to = ZarrWrite::new(&path).chunks([100, 100]).compressor("gzip:6").overwrite();
    /// DArray::ones::<u8>((250, 250)).to_zarr(to)?;
    /// assert_eq!(DArray::read_zarr(&path).shape()?, [250, 250]);
    /// # std::fs::remove_dir_all(&path)?;
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first mistake; `Exists` for what may not be replaced; `BadValue` for chunks and codecs that cannot be; what the
    /// store reports; what went wrong while it ran.
    pub fn to_zarr(&self, to: impl Into<ZarrWrite>) -> Result<()> {
        self.write("to_zarr", zarr(to.into()))
    }

    /// [`to_zarr`](Self::to_zarr), async.
    ///
    /// # Errors
    /// As [`to_zarr`](Self::to_zarr).
    pub async fn to_zarr_async(&self, to: impl Into<ZarrWrite>) -> Result<()> {
        self.write_async("to_zarr", zarr(to.into())).await
    }

    fn write(&self, name: &'static str, plan: impl FnOnce(&Node) -> Result<Target>) -> Result<()> {
        let writing = Writing::begin(self, name, plan)?;
        let done = self.client.run(&writing.graph, options(name)).and_then(|submitted| submitted.wait());
        writing.end(done)
    }

    async fn write_async(&self, name: &'static str, plan: impl FnOnce(&Node) -> Result<Target> + Send + 'static) -> Result<()> {
        let array = self.clone();
        let writing = off_thread(move || Writing::begin(&array, name, plan)).await?;
        let done = match self.client.run_async(&writing.graph, options(name)).await {
            Ok(submitted) => submitted.wait_async().await,
            Err(error) => Err(error),
        };
        off_thread(move || writing.end(done)).await
    }
}

fn npy(to: NpyWrite) -> impl FnOnce(&Node) -> Result<Target> + Send + 'static {
    move |node| NpyTarget::plan(&to.address.path, to.overwrite, node.dtype, &node.grid.shape()).map(Target::Npy)
}

fn zarr(to: ZarrWrite) -> impl FnOnce(&Node) -> Result<Target> + Send + 'static {
    move |node| ZarrTarget::plan(to.address.place()?, &to.layout, node.dtype, &node.grid, chunk_bytes()).map(Target::Zarr)
}

/// A write that was begun. What is dropped before its end leaves nothing that looks whole.
struct Writing {
    name: &'static str,
    target: Arc<Target>,
    graph: LayeredGraph,
    ended: bool,
}

impl Writing {
    /// Plans everything, and only then touches the store.
    fn begin(array: &DArray, name: &'static str, plan: impl FnOnce(&Node) -> Result<Target>) -> Result<Self> {
        let begun = || {
            let node = array.node()?;
            let target = plan(node)?;
            refuse_own(node, &target)?;
            let grid = Arc::new(target.grid(&node.grid, chunk_bytes()));
            let source = regrid("rechunk", node, &grid);
            let target = Arc::new(target);
            let written = Node::new(name, grid, DType::U64, Op::Write(target.clone()), vec![source]);
            let executor = array.client.executor()?;
            let topology = executor.topology();
            let (graph, costs) = lower(&written, topology.memory)?.run_by(executor)?;
            let graph = fitted(graph.prune(), &costs, topology)?;
            target.begin()?;
            Ok(Writing { name, target, graph, ended: false })
        };
        begun().map_err(|error: Error| error.at_step(0, name))
    }

    /// Makes of what was written a whole, where all of it was.
    fn end(mut self, done: Result<()>) -> Result<()> {
        done?;
        self.target.finish().map_err(|error| error.at_step(0, self.name))?;
        self.ended = true;
        Ok(())
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if !self.ended {
            self.target.abandon();
        }
    }
}

/// Fails where an array would be written over what it is read from.
fn refuse_own(node: &Arc<Node>, target: &Target) -> Result<()> {
    let Some(place) = target.replaces() else { return Ok(()) };
    let reads = |node: &&Arc<Node>| matches!(&node.op, Op::Read(source) if source.overlaps(place));
    match Nodes::of(node).all.iter().any(reads) {
        true => Err(Error::new(ErrorKind::BadValue, "the array is read from where it would be written")
            .in_file(place.show(), None, None)
            .with_help("write to another path, or persist() it first")),
        false => Ok(()),
    }
}
