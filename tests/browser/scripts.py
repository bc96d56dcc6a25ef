"""What the people in the pictures of the guide are called and write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from drafter.domain import Role
from guardrails.model import Language


@dataclass(frozen=True)
class Script:
    """What the people in the pictures are called and write.

    Attributes:
        people: by role.
        crisis: a message that only a person answers.
        more: messages of further cases.
        threat, rumour: what an agent adds to a reply and the guardrails find.
        kindness: what they find although it is none.
        again: what a debtor writes while a reply waits.
        reason: why a case goes before a lead.
        unless: a phrase that shall excuse a finding.
        note: of a ruling.
        offer: a fact for one reply.
    """

    people: dict[Role, str]
    crisis: str
    more: tuple[str, ...]
    threat: str
    rumour: str
    kindness: str
    again: str
    reason: str
    unless: str
    note: str
    offer: str


SCRIPTS: Final[dict[Language, Script]] = {
    "zh": Script(
        people={
            Role.AGENT: "林溪",
            Role.LEAD: "陈立",
            Role.QA: "周岚",
            Role.QA_LEAD: "吴桐",
            Role.ADMIN: "何静",
        },
        crisis="我真的撑不下去了，活着没什么意思，你们别再找我了。",
        more=("刚出院，下周能先还一部分吗？", "公司欠了我两个月工资，等发了我就还。", "我月底发工资，到时候一定处理。"),
        threat="再不还款，我们就去您单位找您领导谈。",
        rumour="如果今天不还，明天法院就会把您列入失信名单。",
        kindness="我们会上门，把帮扶资料送到您手上。",
        again="刚和家里商量过了，下周五可以先还一部分。",
        reason="客户情绪激动，拒绝还款，金额较大，请主管处理。",
        unless="帮扶资料",
        note="送帮扶资料是帮助，不是施压。",
        offer="可分六期还，不收手续费",
    ),
    "en": Script(
        people={
            Role.AGENT: "Sam Porter",
            Role.LEAD: "Dana Whitfield",
            Role.QA: "Priya Nair",
            Role.QA_LEAD: "Tom Ellery",
            Role.ADMIN: "Grace Lowe",
        },
        crisis="I can't do this any more, there is no point in being alive. Please just leave me alone.",
        more=(
            "I have just come out of hospital. Could I pay part of it next week?",
            "I am still waiting for two months of wages. I want to pay, I just can't pay all of it yet.",
            "I get paid at the end of the month and will sort it out then.",
        ),
        threat=" If you do not pay, we will call your employer and tell them.",
        rumour=" Pay today or a warrant for your arrest will be issued tomorrow.",
        kindness=" Our colleague will come to your house to bring the hardship form.",
        again="Wait, I have just asked my family. I should have part of it by next Friday.",
        reason="A large sum, and they are upset and refuse to pay. Please take this one.",
        unless="hardship form",
        note="Bringing a form that helps is no pressure.",
        offer="six monthly payments without a fee",
    ),
}
