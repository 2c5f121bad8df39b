"""What every HTML page of ours has: one file with its style, charts and scripts inside, and a policy.

Templates include `head.html` and `scripts.html`. All text that enters is escaped, and the content security policy lets
the browser run exactly the two scripts written here, known by their hashes, and fetch nothing.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import vl_convert
from markupsafe import Markup

from turnwise import __version__
from turnwise.errors import RunFileError
from turnwise.files import refuse_database
from turnwise.report.words import BAR, MARK, counted, plain

__all__ = ["asset", "render_page", "write_whole"]


def asset(name: str) -> str:
    """A file of this folder."""
    return resources.files("turnwise.report.page").joinpath(name).read_text("utf-8")


def render_page(
    template: str,
    *,
    title: str,
    specs: Mapping[str, Any],
    filters: Mapping[str, Callable[..., str]] | None = None,
    **context: Any,
) -> str:
    """One HTML document without any reference to another file.

    Args:
        template: Its source.
        title: Of the document.
        specs: Charts by the id of the element each is drawn in.
        filters: Besides `thousands`, `words` and `counted`.
        context: What else the template names.
    """
    bundle, script = _bundle(), asset("report.js")
    # StrictUndefined: a name misspelt there fails here, not as a gap in the report.
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, loader=jinja2.FunctionLoader(asset)
    )
    environment.lstrip_blocks = True
    environment.filters |= {"thousands": "{:,}".format, "words": plain, "counted": counted, **(filters or {})}
    return environment.from_string(template).render(
        title=title,
        specs=specs,
        version=__version__,
        bar=BAR,
        mark=MARK,
        style=Markup(asset("report.css")),  # noqa: S704 - our own file
        bundle=Markup(bundle),  # noqa: S704 - the chart runtime, as vl-convert bundles it
        script=Markup(script),  # noqa: S704 - our own file
        script_hashes=" ".join(_csp_hash(text) for text in (bundle, script)),
        **context,
    )


def write_whole(path: Path, text: str) -> None:
    """Write a report whole or not at all, into a folder that is made if need be.

    Raises:
        RunFileError: it cannot be written.
        UsageError: a database is there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        refuse_database(path)
        _replace(path, text)
    except OSError as error:
        raise RunFileError(f"{path}: the report cannot be written ({error.strerror}); choose another place") from error


def _replace(path: Path, text: str) -> None:
    """Write beside the place and move there, so that a reader never meets half a file."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@cache
def _bundle() -> str:
    """Vega-Embed with all it needs, for a <script> tag."""
    return vl_convert.javascript_bundle()  # type: ignore[call-arg] # its stub forgets that the snippet is optional


def _csp_hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
