"""The pictures of the starter benchmark: a pen, objects drawn with it, scenes put together from objects."""
