"""What a run would take before anything is sent, and what one that stopped early did not take."""
