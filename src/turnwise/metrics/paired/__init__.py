"""Two runs over the same dialogues: differences, tests, and how many groups it takes to see one."""
