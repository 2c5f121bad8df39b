"""One file per command: its options, one library call, what it prints."""
