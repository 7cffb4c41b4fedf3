"""From axes to ordered cells, from a cell to what is asked for it, and which cells are meant; pure."""
