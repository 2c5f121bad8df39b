"""Charts of a slice with the same numbers as tables."""
