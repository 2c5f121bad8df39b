"""How far raters agree, what a judge is worth against people, and what a few human labels make of its numbers."""
