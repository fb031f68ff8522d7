"""Files of any content: written whole and marked, HDF5, CSV cells, frames as JSON, figures."""
