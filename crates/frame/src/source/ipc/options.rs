//! [`IpcOptions`]: what to read, and how.

use crate::source::columnar::options;

options! {
    /// Arrow IPC files, of the file format (`.arrow`, Feather 2) or the stream format (`.arrows`): paths, globs, directories and
    /// URLs, and how their columns become those of a frame.
    ///
    /// Columns are matched by name. Only columns that the steps after it look at are decoded.
    ///
    /// ```
    /// use stratal_frame::{DFrame, IpcOptions};
    /// let rides = DFrame::read_ipc(IpcOptions::new("rides/").path_column("file"));
    /// # let _ = rides;
    /// ```
    IpcOptions, "arrow"
}
