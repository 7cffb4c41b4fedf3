"""What to probe next and when to stop: boundaries along an axis, and minimal differences of two locks; pure."""
