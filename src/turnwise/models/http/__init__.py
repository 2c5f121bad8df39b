"""What the providers behind HTTP share: addresses, answers and failures, dialects, a bounded cache, calls of an SDK."""
