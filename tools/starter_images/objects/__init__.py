"""The vocabulary: things, people and places that pictures are put together from."""
