"""Pages that people read, made from what is recorded."""
