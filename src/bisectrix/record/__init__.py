"""What was seen, kept: the store, evidence by hash, published records and locks."""
