"""Reports of a run, one module for each output. Nothing here reads or writes files."""
