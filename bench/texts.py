"""Replies to measure with: built from parts, some lawful, some not, in both languages; the same for the same seed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

FACTS = {
    "zh": {
        "institution": "青禾银行",
        "debtor_name": "周晓",
        "agent_name": "林溪",
        "amount_due": "4680.00",
        "currency": "CNY",
        "due_date": "2026-06-08",
        "today": "2026-07-02",
        "follow_up_date": "2026-07-09",
        "official_channels": ["青禾银行App"],
    },
    "en": {
        "institution": "Larkfield Bank",
        "debtor_name": "Jordan Ellis",
        "agent_name": "Morgan",
        "amount_due": "912.40",
        "currency": "USD",
        "due_date": "2026-06-08",
        "today": "2026-07-02",
        "follow_up_date": "2026-07-09",
        "official_channels": ["the Larkfield app"],
    },
}
_PARTS = {
    "zh": (
        ["周晓您好，我是青禾银行的林溪。", "您好，这里是青禾银行，我是林溪。", "周晓您好，谢谢您的回复。"],
        ["得知您最近失业，希望您慢慢好起来。", "家里的事最要紧，请您多保重。", "之前的联系打扰到您，很抱歉。"],
        [
            "目前账户显示应还4680.00元，还款日为2026年6月8日。",
            "您可以在青禾银行App核对明细。",
            "逾期信息可能会如实报送。",
        ],
        ["方便说说您现在主要的难处是什么吗？", "您大概什么时候能周转过来？", "您希望我们怎么配合？"],
        ["我会在2026年7月9日再与您联系。", "7月9日我再听听您的想法。", "我们不会联系您的家人，请放心。"],
    ),
    "en": (
        ["Hello Jordan Ellis, this is Morgan from Larkfield Bank.", "Hello, Morgan from Larkfield Bank here."],
        ["I am sorry to hear you lost your job.", "Thank you for telling me how things are.", "Please take care."],
        [
            "The account shows $912.40, which was due on June 8, 2026.",
            "You can check the details in the Larkfield app.",
        ],
        ["May I ask what makes it hard right now?", "When do you expect things to ease?"],
        ["I will be in touch again on July 9, 2026.", "We will not contact your family or your employer."],
    ),
}
_UNLAWFUL = {
    "zh": ["再不还款我们就联系您的家人和单位。", "今天不还，明天就上门找你。", "不还钱就让警察抓你坐牢。"],
    "en": [
        "Pay today or we will tell your employer.",
        "You will be arrested if you do not pay.",
        "We know where you live.",
    ],
}


def lines(count: int, seed: int = 7) -> Iterator[str]:
    """Yield JSON lines for `drafter check --jsonl`; every fourth text holds an unlawful sentence."""
    chance = random.Random(seed)
    for number in range(count):
        lang = "zh" if number % 2 == 0 else "en"
        sentences = [chance.choice(part) for part in _PARTS[lang]]
        if number % 8 in {0, 1}:
            sentences.insert(chance.randrange(1, 5), chance.choice(_UNLAWFUL[lang]))
        text = ("" if lang == "zh" else " ").join(sentences)
        yield json.dumps({"id": number, "text": text, "lang": lang, "facts": FACTS[lang]}, ensure_ascii=False)
