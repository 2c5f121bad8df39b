"""Where a model is served: `MODEL@BASE_URL` read into a checked address, before anything is sent to it."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

import msgspec

from turnwise.errors import UsageError

__all__ = ["DEFAULT_BASE_URL", "Endpoint", "parse_endpoint"]

DEFAULT_BASE_URL = "https://api.openai.com/v1"
_DEFAULT_PORT = {"http": 80, "https": 443}
# Model ids may hold '@', '/' and ':' themselves, so the address is what follows the last '@' that begins a URL.
_WITH_ADDRESS = re.compile(r"(.*)@(https?://.*)", re.IGNORECASE | re.DOTALL)
# "model@localhost:8000/v1" would otherwise be taken for a model name and sent to the default address.
_ADDRESS_WITHOUT_SCHEME = re.compile(
    r"@(localhost|[\w.-]+:\d+|\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\])(:\d+)?(/.*)?$", re.IGNORECASE
)


class Endpoint(msgspec.Struct, frozen=True):
    """A model at an OpenAI-compatible address.

    Fields:
        base_url: Canonical: scheme and host in lower case, no default port, a path, no slash at its end.
    """

    model: str
    base_url: str

    @property
    def name(self) -> str:
        """The canonical spelling."""
        return f"openai:{self.model}@{self.base_url}"

    @property
    def chat_url(self) -> str:
        """Where chat requests are posted."""
        return f"{self.base_url}/chat/completions"

    @property
    def host(self) -> str:
        """The host alone, an IPv6 address without brackets."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_local(self) -> bool:
        """Whether the host is this machine or its private network: such servers commonly need no key."""
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return "." not in self.host or self.host.endswith(".localhost")
        return address.is_loopback or address.is_private or address.is_link_local


def parse_endpoint(spelling: str) -> Endpoint:
    """The endpoint that `MODEL` or `MODEL@BASE_URL` names.

    Raises:
        UsageError: the model is missing, or the address is no plain http(s) URL. Credentials are not repeated.
    """
    found = _WITH_ADDRESS.fullmatch(spelling)
    model, address = (found[1], found[2]) if found else (spelling, DEFAULT_BASE_URL)
    if not model.strip():
        raise UsageError("the model name is missing: write openai:MODEL or openai:MODEL@BASE_URL")
    if "://" in model:
        raise UsageError("a base URL begins with http:// or https://: write openai:MODEL@http://HOST:PORT/v1")
    if found is None and _ADDRESS_WITHOUT_SCHEME.search(model):
        raise UsageError(f"openai:{model}: write the base URL with its scheme, as in MODEL@http://HOST:PORT/v1")
    return Endpoint(model, _canonical(address))


def _canonical(address: str) -> str:
    parts, host, port = _split(address)
    if parts.username is not None or parts.password is not None:
        raise UsageError("the base URL holds a user name or password: put the key into OPENAI_API_KEY instead")
    if "?" in address or "#" in address:
        raise UsageError("the base URL has a query or fragment: give it without '?' and '#'")
    path = parts.path.rstrip("/")
    if path.endswith("/chat/completions"):
        raise UsageError("the base URL ends with /chat/completions: leave that off, it is added to every request")
    shown_host = f"[{host}]" if ":" in host else host
    shown_port = "" if port in (None, _DEFAULT_PORT[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{shown_host}{shown_port}{path or '/v1'}"


def _split(address: str) -> tuple[SplitResult, str, int | None]:
    # urlsplit drops line breaks and tabs silently, so they are refused before it.
    if any(character.isspace() or not character.isprintable() for character in address):
        raise UsageError("the base URL has a space or a control character in it")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"the base URL is malformed ({error})") from error
    if not host:
        raise UsageError("the base URL has no host: write it as http://HOST:PORT/v1")
    return parts, host, port
