"""One spelling for every model, `provider:model[@base_url]`, read here; the command line and run files use it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from turnwise.errors import UsageError
from turnwise.models.anthropic import ANTHROPIC, open_anthropic
from turnwise.models.breaker import Breaker
from turnwise.models.chat import ChatModel
from turnwise.models.google import GOOGLE, open_google
from turnwise.models.http.address import Service
from turnwise.models.http.cache import ByteCache
from turnwise.models.openai.client import OpenAIChat
from turnwise.models.openai.endpoint import OPENAI, parse_endpoint
from turnwise.models.retry import Retrying, RetryPolicy
from turnwise.models.scripted import open_scripted
from turnwise.models.secret import Secret, key_from_environment
from turnwise.models.simulated import BEHAVIOURS, SIMULATED_OPTIONS, open_simulated
from turnwise.models.transformers.settings import TRANSFORMERS_OPTIONS

__all__ = [
    "KEY_VARIABLES",
    "PROVIDERS",
    "SPELLINGS",
    "ModelSettings",
    "Provider",
    "ProviderKind",
    "guarded_by_limits",
    "kind_of",
    "open_model",
]


class ModelSettings(msgspec.Struct, frozen=True):
    """How models are reached; none of it changes what they are asked, except `seed` for simulated ones.

    Fields:
        timeout_s: Time for one attempt, from connecting to the end of the answer.
        max_attempts: Times a request is sent to a network model, the first one included.
        proxy: URL of an HTTP proxy; the environment's proxies are not used.
        seed: Seed of simulated models that are spelled without one.
        images: Encoded images that the models of a run share; each has its own without it.
    """

    timeout_s: float = 120.0
    max_attempts: int = 5
    proxy: str | None = None
    seed: int = 0
    images: ByteCache | None = None

    def __post_init__(self) -> None:
        """Refuse what no request could be sent with; a proxy's credentials are not repeated."""
        if not 0.0 < self.timeout_s < math.inf:
            raise UsageError(f"timeout_s is {self.timeout_s}: give a number of seconds above 0")
        if self.max_attempts < 1:
            raise UsageError(f"max_attempts is {self.max_attempts}: give at least 1")
        if self.proxy is not None:
            _check_proxy(self.proxy)


_DEFAULT_SETTINGS = ModelSettings()


ProviderKind = Literal["network", "in_process", "free"]


class Provider(msgspec.Struct, frozen=True):
    """What stands behind the first word of a spelling.

    Fields:
        spelling: How people write it.
        about: What it is, for lists.
        open: Makes the bare model from what follows "provider:".
        kind: `network` models are paced, retried and given up; those and `in_process` ones are worth caching; `free`
            ones are not.
        options: What may follow the model, as `,OPTION=VALUE`.
    """

    spelling: str
    about: str
    open: Callable[[str, ModelSettings], ChatModel]
    kind: ProviderKind
    options: tuple[str, ...] = ()


def open_model(spelling: str, *, settings: ModelSettings = _DEFAULT_SETTINGS) -> ChatModel:
    """The model that a spelling names, bare: one request, one attempt. Nothing is sent.

    Raises:
        UsageError: the spelling or an option is not known, or a key is missing.
        DataError: the file of a scripted model breaks its format.
    """
    provider, rest = _split(spelling)
    return provider.open(rest, settings)


def kind_of(spelling: str) -> ProviderKind:
    """What kind of provider a spelling names.

    Raises:
        UsageError: the spelling is not known.
    """
    return _split(spelling)[0].kind


def guarded_by_limits(
    model: ChatModel, settings: ModelSettings, *, around: Callable[[ChatModel], ChatModel] | None = None
) -> ChatModel:
    """A model as runs use it: network models behind retries and a breaker, others as they are.

    `around` wraps a network model inside its retries, where each attempt passes: pacing and budget belong there.
    """
    if kind_of(model.name) != "network":
        return model
    inner = around(model) if around is not None else model
    return Breaker(Retrying(inner, RetryPolicy(max_attempts=settings.max_attempts)))


def _split(spelling: str) -> tuple[Provider, str]:
    name, colon, rest = spelling.partition(":")
    if not colon or name not in PROVIDERS or not rest:
        known = ", ".join(provider.spelling for provider in PROVIDERS.values())
        raise UsageError(f"model {spelling!r} is not known; known spellings: {known}")
    return PROVIDERS[name], rest


def _check_proxy(proxy: str) -> None:
    parts = urlsplit(proxy)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError("the proxy is no http:// or https:// URL with a host")
    if parts.username is not None or parts.password is not None:
        raise UsageError("the proxy URL holds a user name or password: settings are stored, so give it without")


def _open_openai(rest: str, settings: ModelSettings) -> ChatModel:
    key = _key_of(OPENAI)
    return OpenAIChat(
        parse_endpoint(rest), key=key, timeout_s=settings.timeout_s, proxy=settings.proxy, images=settings.images
    )


def _open_anthropic(rest: str, settings: ModelSettings) -> ChatModel:
    key = _key_of(ANTHROPIC)
    return open_anthropic(rest, key=key, timeout_s=settings.timeout_s, proxy=settings.proxy)


def _open_google(rest: str, settings: ModelSettings) -> ChatModel:
    return open_google(rest, key=_key_of(GOOGLE), timeout_s=settings.timeout_s, proxy=settings.proxy)


def _key_of(service: Service) -> Secret | None:
    """The key in the first of the service's environment variables that is set."""
    keys = (key_from_environment(variable) for variable in service.key_variables)
    return next((key for key in keys if key is not None), None)


def _open_simulated(rest: str, settings: ModelSettings) -> ChatModel:
    return open_simulated(rest, seed=settings.seed)


def _open_scripted(rest: str, _settings: ModelSettings) -> ChatModel:
    return open_scripted(rest)


def _open_transformers(rest: str, _settings: ModelSettings) -> ChatModel:
    from turnwise.models.transformers.client import open_transformers  # noqa: PLC0415 - torch is slow to import

    return open_transformers(rest)


def _open_inspect(rest: str, settings: ModelSettings) -> ChatModel:
    from turnwise.models.inspect import open_inspect  # noqa: PLC0415 - Inspect AI is slow to import

    return open_inspect(rest, timeout_s=settings.timeout_s, proxy=settings.proxy)


PROVIDERS = {
    "openai": Provider(
        "openai:MODEL[@BASE_URL]",
        "any OpenAI-compatible endpoint; key from OPENAI_API_KEY, a local server needs none",
        _open_openai,
        "network",
    ),
    "transformers": Provider(
        "transformers:PATH_OR_ID",
        "a Hugging Face model in this process, in batches; options ,batch=N ,device=D (extra: transformers)",
        _open_transformers,
        "in_process",
        TRANSFORMERS_OPTIONS,
    ),
    "inspect": Provider(
        "inspect:PROVIDER/MODEL[@BASE_URL]",
        "any model of Inspect AI, keys as it wants them (extra: inspect)",
        _open_inspect,
        "network",
    ),
    "anthropic": Provider(
        "anthropic:MODEL[@BASE_URL]",
        "the Anthropic Messages API; key from ANTHROPIC_API_KEY; extra: anthropic",
        _open_anthropic,
        "network",
    ),
    "google": Provider(
        "google:MODEL[@BASE_URL]",
        "the Gemini API; key from GOOGLE_API_KEY or GEMINI_API_KEY; extra: google",
        _open_google,
        "network",
    ),
    "simulated": Provider(
        f"simulated:{'|'.join(BEHAVIOURS)}",
        "no network, documented behaviour: for trying out and for checking statistics; options ,rate=R ,seed=N",
        _open_simulated,
        "free",
        SIMULATED_OPTIONS,
    ),
    "scripted": Provider("scripted:FILE", "replies from a table (JSON Lines)", _open_scripted, "free"),
}

KEY_VARIABLES = {service.provider: service.key_variables for service in (OPENAI, ANTHROPIC, GOOGLE)}
"""The environment variables that the keys of a provider are read from."""

SPELLINGS = {provider.spelling: provider.about for provider in PROVIDERS.values()}
"""How each model is spelled, with what it is."""
