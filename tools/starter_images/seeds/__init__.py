"""The pictures of the seeds, one function each, named as the picture's file."""
