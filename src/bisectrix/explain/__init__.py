"""What changed between the last good and the first bad release, and which of it stands where the bug shows."""
