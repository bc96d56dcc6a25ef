"""Agents who go on working whatever becomes of the desk: suggest, edit, approve, take back; and what they were told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from drafter.domain import text_sha256
from tests.killing.browser import Browser, GivenUpError

Aim = Literal["approve", "take-back", "threaten", "leave"]
AIMS: Final[Mapping[Aim, int]] = {"approve": 78, "take-back": 10, "threaten": 6, "leave": 6}
SURNAMES: Final = "周吴郑王冯陈蒋沈韩杨"
NAMES: Final = "晓宁静安然清远和平乐"
ENDINGS: Final = (
    "希望您早日好起来。",
    "您慢慢说，我会认真听。",
    "有什么想问的，随时告诉我。",
    "请您别太着急。",
    "您什么时候方便，我们再聊。",
    "我理解您现在不容易。",
)
THREAT: Final = "再不还款，我们就联系您的家人和单位。"


@dataclass
class Trip:
    """One case on its way, as its agent knows it.

    Attributes:
        draft_id: "" until the desk has told it.
        text: of which approval was asked for; None as long as it was not.
        approved: the desk has said so.
        taking_back: it was asked for, or the desk has said that it is done.
    """

    aim: Aim
    draft_id: str = ""
    text: str | None = None
    approved: bool = False
    taking_back: Literal["", "asked", "done"] = ""


@dataclass
class Agent:
    """A person who makes one trip after another.

    Attributes:
        zone: where the debtors live; elsewhere it may be an hour at which the law lets nothing leave.
    """

    name: str
    browser: Browser
    chance: random.Random
    zone: str
    trips: list[Trip] = field(default_factory=list)

    async def work(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            trip = Trip(self.chance.choices(list(AIMS), weights=list(AIMS.values()))[0])
            self.trips.append(trip)
            try:
                await self._make(trip)
            except GivenUpError:
                continue

    async def _make(self, trip: Trip) -> None:
        ask = self.browser.ask
        case = await ask("open", "POST", "cases", self._case(), wanted=(200, 201))
        suggested = await ask("suggest", "POST", f"cases/{case.told['case']['id']}/suggestions", wanted=(201,))
        trip.draft_id, text = suggested.told["draft_id"], suggested.told["text"]
        if trip.aim == "leave":
            return
        text += THREAT if trip.aim == "threaten" else self.chance.choice(ENDINGS)
        # A lost answer may have told that the edit is kept; it is stale then, and the draft is read instead.
        path = f"drafts/{trip.draft_id}"
        kept = await ask("edit", "PATCH", path, {"text": text, "version": 1}, wanted=(200, 409))
        if kept.status == 409:
            kept = await ask("edit", "GET", path, wanted=(200,))
        if kept.told["draft"]["text"] != text:
            self.browser.faults.append("edit: another text was kept")
            return
        trip.text = text
        what = {"version": 2, "text_sha256": text_sha256(text)}
        wanted = (422,) if trip.aim == "threaten" else (200,)
        trip.approved = (await ask("approve", "POST", f"{path}/approval", what, wanted=wanted)).status == 200
        if trip.aim == "take-back":
            trip.taking_back = "asked"
            # It may have left meanwhile, or a lost answer may have told that it is taken back.
            taken = await ask("take back", "DELETE", f"{path}/approval", wanted=(200, 409))
            trip.taking_back = "done" if taken.status == 200 else "asked"

    def _case(self) -> dict[str, object]:
        name = self.chance.choice(SURNAMES) + self.chance.choice(NAMES) + self.chance.choice(NAMES)
        return {
            "external_id": f"{self.name}-{len(self.trips)}",
            "message": "上个月失业了，这个月还不上，能不能缓一缓？",
            "channel": "webhook",
            "time_zone": self.zone,
            "facts": {
                "institution": "青禾银行",
                "debtor_name": name,
                "agent_name": "林溪",
                "amount_due": "4680.00",
                "currency": "CNY",
                "due_date": "2026-02-08",
            },
        }
