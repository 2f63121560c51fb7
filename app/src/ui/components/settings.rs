//! Parts of the page "Settings". One component per file.
