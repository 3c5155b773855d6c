"""Error pages: what did not happen, why, and the way on."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.exceptions import default_exceptions

import ckan.plugins.toolkit as tk

__all__ = ["Sorry", "sorry"]

_STOCK = frozenset(str(found.description) for found in default_exceptions.values())


@dataclass(frozen=True)
class Sorry:
    """What an error page says.

    Attributes:
        code: the HTTP status.
        title: what did not happen.
        cause: why, and what to do.
    """

    code: int
    title: str
    cause: str


def sorry(code: object, content: object) -> Sorry:
    """The words of an error page.

    Args:
        code: the HTTP status; CKAN passes a list for a failure of its own.
        content: what the page that failed has to say; the web server's stock sentences and the
            inside of a failure are not shown.
    """
    number = code[0] if isinstance(code, list) and code else code
    said = str(content or "").strip()
    stock = said in _STOCK
    titles = {
        400: (tk._("The request was not understood"), tk._("Something in the address is wrong.")),
        403: (
            tk._("This page is not open to you"),
            tk._("Log in with an account that may see it, or ask the department it belongs to."),
        ),
        404: (
            tk._("There is no such page"),
            tk._("The address may be mistyped, or what stood here was taken down or renamed."),
        ),
        500: (
            tk._("The page could not be made"),
            tk._("Something failed on our side and has been recorded. Try again in a minute."),
        ),
    }
    status = number if isinstance(number, int) else 500
    title, cause = titles.get(
        status,
        (tk._("That did not work"), tk._("Go back and try again.")),
    )
    ours = bool(said) and not stock and status in (400, 403, 404)
    return Sorry(status, title, said if ours else cause)
