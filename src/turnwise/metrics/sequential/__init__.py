"""Stopping early: what is known of a run's headline rates while its groups come in."""
