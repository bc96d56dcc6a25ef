"""A signed-in browser that asks the desk as long as there is none, and knows when an answer was lost."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

# Of those whose answer was lost by a kill, so many ask again; the others go on to another case.
_ASKS_AGAIN: Final = 0.8
_RETRY_S: Final = 0.02


class GivenUpError(Exception):
    """The desk was killed before it answered, and nobody asks again."""


@dataclass
class Browser:
    """What one person uses.

    Attributes:
        url: of the API.
        headers: of the session.
        doing: what is being waited for.
        answered: how often what was answered.
        faults: answers that nobody should get.
    """

    http: aiohttp.ClientSession
    url: str
    headers: Mapping[str, str]
    chance: random.Random
    doing: str = ""
    answered: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    async def ask(self, doing: str, method: str, path: str, body: object = None, *, wanted: tuple[int, ...]) -> Answer:
        """Return the answer.

        Raises:
            GivenUpError: it was lost, or is none of those wanted.
        """
        while True:
            try:
                self.doing = doing
                async with self.http.request(method, f"{self.url}/{path}", json=body, headers=self.headers) as answer:
                    status, told = answer.status, await answer.json(content_type=None)
            except aiohttp.ClientConnectorError:
                self.doing = ""
                await asyncio.sleep(_RETRY_S)
            except (aiohttp.ClientError, ConnectionError) as error:
                self.doing = ""
                if self.chance.random() > _ASKS_AGAIN:
                    raise GivenUpError from error
            else:
                self.doing = ""
                self.answered[doing] += 1
                if status not in wanted:
                    self.faults.append(f"{doing}: {status} {told.get('detail')}")
                    raise GivenUpError
                return Answer(status, told)


@dataclass(frozen=True)
class Answer:
    status: int
    told: dict[str, Any]
