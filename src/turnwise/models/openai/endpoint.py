"""The OpenAI-compatible kind of API: `openai:MODEL[@BASE_URL]`."""

from __future__ import annotations

from turnwise.models.http.address import Address, Service, parse_address

__all__ = ["OPENAI", "parse_endpoint"]

OPENAI = Service(
    "openai",
    default_base_url="https://api.openai.com/v1",
    key_variables=("OPENAI_API_KEY",),
    default_path="/v1",
    call_path="/chat/completions",
)


def parse_endpoint(spelling: str) -> Address:
    """The address that `MODEL` or `MODEL@BASE_URL` names.

    Raises:
        UsageError: the model is missing, or the address is no plain http(s) URL. Credentials are not repeated.
    """
    return parse_address(spelling, OPENAI)
