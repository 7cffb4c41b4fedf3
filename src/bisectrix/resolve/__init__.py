"""From what a cell asks for to exact packages: uv, the package index, and how to reach it."""
