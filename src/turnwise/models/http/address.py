"""Where a model is served: `MODEL@BASE_URL` read into a checked address, before anything is sent to it."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

import msgspec

from turnwise.errors import UsageError
from turnwise.models.secret import Secret

__all__ = ["Address", "Service", "parse_address"]

_DEFAULT_PORT = {"http": 80, "https": 443}
# Model ids may hold '@', '/' and ':' themselves, so the address is what follows the last '@' that begins a URL.
_WITH_ADDRESS = re.compile(r"(.*)@(https?://.*)", re.IGNORECASE | re.DOTALL)
# "model@localhost:8000/v1" would otherwise be taken for a model name and sent to the default address.
_ADDRESS_WITHOUT_SCHEME = re.compile(
    r"@(localhost|[\w.-]+:\d+|\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\])(:\d+)?(/.*)?$", re.IGNORECASE
)


class Service(msgspec.Struct, frozen=True):
    """A kind of API that models are served by.

    Fields:
        provider: The first word of a spelling.
        default_base_url: Where its models are when no address is given.
        key_variables: Environment variables its key is read from, the first one set.
        default_path: The path of a base URL that is given without one.
        call_path: What is added to a base URL for a request.
        sdk_path: A last part of the path that the client adds itself, so that it is dropped from a base URL.
    """

    provider: str
    default_base_url: str
    key_variables: tuple[str, ...]
    default_path: str = ""
    call_path: str = ""
    sdk_path: str = ""


class Address(msgspec.Struct, frozen=True):
    """A model at an address of a service.

    Fields:
        base_url: Canonical: scheme and host in lower case, no default port, no slash at its end.
    """

    service: Service
    model: str
    base_url: str

    @property
    def name(self) -> str:
        """The canonical spelling."""
        return f"{self.service.provider}:{self.model}@{self.base_url}"

    @property
    def call_url(self) -> str:
        """Where requests are posted."""
        return f"{self.base_url}{self.service.call_path}"

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

    def check_key(self, key: Secret | None) -> None:
        """Refuse to go to a remote server without a key, or with one that everybody on the way can read.

        Raises:
            UsageError: the server is remote, and there is no key for it or the key would go in clear text.
        """
        if key is not None and not self.is_local and self.call_url.startswith("http://"):
            raise UsageError(f"{self.name}: the key would cross the network in clear text; give an https:// address")
        if key is None and not self.is_local:
            variables = " or ".join(self.service.key_variables)
            raise UsageError(f"{self.name} needs a key: set the environment variable {variables}")


def parse_address(spelling: str, service: Service) -> Address:
    """The address that `MODEL` or `MODEL@BASE_URL` names.

    Raises:
        UsageError: the model is missing, or the address is no plain http(s) URL. Credentials are not repeated.
    """
    provider, path = service.provider, service.default_path
    found = _WITH_ADDRESS.fullmatch(spelling)
    model, address = (found[1], found[2]) if found else (spelling, service.default_base_url)
    if not model.strip():
        raise UsageError(f"the model name is missing: write {provider}:MODEL or {provider}:MODEL@BASE_URL")
    if "://" in model:
        raise UsageError(f"a base URL begins with http:// or https://: write {provider}:MODEL@http://HOST:PORT{path}")
    if found is None and _ADDRESS_WITHOUT_SCHEME.search(model):
        raise UsageError(f"{provider}:{model}: write the base URL with its scheme, as in MODEL@http://HOST:PORT{path}")
    return Address(service, model, _canonical(address, service))


def _canonical(address: str, service: Service) -> str:
    parts, host, port = _split(address, service)
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            f"the base URL holds a user name or password: put the key into {service.key_variables[0]} instead"
        )
    if "?" in address or "#" in address:
        raise UsageError("the base URL has a query or fragment: give it without '?' and '#'")
    path = parts.path.rstrip("/")
    if service.call_path and path.endswith(service.call_path):
        raise UsageError(f"the base URL ends with {service.call_path}: leave that off, it is added to every request")
    if service.sdk_path:
        path = path.removesuffix(service.sdk_path)
    shown_host = f"[{host}]" if ":" in host else host
    shown_port = "" if port in (None, _DEFAULT_PORT[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{shown_host}{shown_port}{path or service.default_path}"


def _split(address: str, service: Service) -> tuple[SplitResult, str, int | None]:
    # urlsplit drops line breaks and tabs silently, so they are refused before it.
    if any(character.isspace() or not character.isprintable() for character in address):
        raise UsageError("the base URL has a space or a control character in it")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"the base URL is malformed ({error})") from error
    if not host:
        raise UsageError(f"the base URL has no host: write it as http://HOST:PORT{service.default_path}")
    return parts, host, port
