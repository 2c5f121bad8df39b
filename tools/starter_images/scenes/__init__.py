"""The pictures of the paired scenes, one function each, named as the picture's file."""
