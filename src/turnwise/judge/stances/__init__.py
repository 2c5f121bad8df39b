"""Refusal, caveat or compliance, from the words of a reply."""
