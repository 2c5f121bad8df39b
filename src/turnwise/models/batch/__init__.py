"""Batch jobs: the same models at half price, for whoever can wait; opened by a model's usual spelling."""

from __future__ import annotations

from collections.abc import Callable

from turnwise.errors import UsageError
from turnwise.models.batch.job import BatchItem, BatchJob, BatchModel, BatchState, BatchStatus
from turnwise.models.batch.patience import Patience, wait_for_batch
from turnwise.models.http.address import Service, parse_address
from turnwise.models.openai.endpoint import OPENAI
from turnwise.models.retry import RetryPolicy
from turnwise.models.secret import Secret, key_from_environment
from turnwise.models.spelling import ModelSettings

__all__ = [
    "BATCH_PROVIDERS",
    "BatchItem",
    "BatchJob",
    "BatchModel",
    "BatchState",
    "BatchStatus",
    "open_batch_model",
    "wait_for_batch",
]

_DEFAULT_SETTINGS = ModelSettings()


def open_batch_model(spelling: str, settings: ModelSettings = _DEFAULT_SETTINGS) -> BatchModel:
    """The batch side of the model that a spelling names. Nothing is sent.

    Raises:
        UsageError: the provider has no batch API, a key or an extra is missing, or the spelling is wrong.
    """
    name, _, rest = spelling.partition(":")
    if name not in BATCH_PROVIDERS or not rest:
        known = " and ".join(f"{provider}:MODEL[@BASE_URL]" for provider in BATCH_PROVIDERS)
        raise UsageError(f"{spelling!r} has no batch API; these have one: {known}")
    return BATCH_PROVIDERS[name](rest, settings)


def _open_openai(rest: str, settings: ModelSettings) -> BatchModel:
    from turnwise.models.batch.openai import OpenAIBatch  # noqa: PLC0415 - aiohttp is slow to import
    from turnwise.models.batch.openai_calls import OpenAICalls  # noqa: PLC0415

    endpoint = parse_address(rest, OPENAI)
    calls = OpenAICalls(endpoint, key=_key_of(OPENAI), timeout_s=settings.timeout_s, proxy=settings.proxy)
    return OpenAIBatch(calls, patience=_patience(endpoint.name, settings))


def _open_anthropic(rest: str, settings: ModelSettings) -> BatchModel:
    from turnwise.models.anthropic import ANTHROPIC  # noqa: PLC0415 - an extra
    from turnwise.models.batch.anthropic import AnthropicBatch  # noqa: PLC0415
    from turnwise.models.batch.anthropic_calls import AnthropicCalls  # noqa: PLC0415

    address = parse_address(rest, ANTHROPIC)
    calls = AnthropicCalls(address, key=_key_of(ANTHROPIC), timeout_s=settings.timeout_s, proxy=settings.proxy)
    return AnthropicBatch(calls, patience=_patience(address.name, settings))


def _patience(name: str, settings: ModelSettings) -> Patience:
    """Twice the attempts of a live request, further apart: a job runs for hours, so minutes without a server pass."""
    return Patience(name, RetryPolicy(max_attempts=2 * settings.max_attempts, base_s=1.0, cap_s=60.0))


def _key_of(service: Service) -> Secret | None:
    keys = map(key_from_environment, service.key_variables)
    return next((key for key in keys if key is not None), None)


BATCH_PROVIDERS: dict[str, Callable[[str, ModelSettings], BatchModel]] = {
    "openai": _open_openai,
    "anthropic": _open_anthropic,
}
