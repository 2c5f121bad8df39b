"""A run whose target is asked in batch jobs: waves of requests at half price, then the judges, live."""

from turnwise.evaluate.batching.batched import run_in_waves
from turnwise.evaluate.batching.purse import batch_price
from turnwise.evaluate.batching.target import BatchTarget, open_batch_target

__all__ = ["BatchTarget", "batch_price", "open_batch_target", "run_in_waves"]
