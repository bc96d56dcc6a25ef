from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafter.desk.weaving import parrots, passage
from guardrails.model import Language


@pytest.mark.parametrize(
    ("lang", "answer", "kept"),
    [
        ("zh", "谢谢您告诉我，辛苦了。", "谢谢您告诉我，辛苦了。"),
        ("zh", "【失业】谢谢您告诉我，辛苦了", "谢谢您告诉我，辛苦了。"),
        ("zh", "“周先生您好，谢谢您告诉我，”", "谢谢您告诉我。"),
        ("zh", "谢谢您。您辛苦了。您哪天还？多说一句。", "谢谢您。您辛苦了。"),
        ("zh", "您哪天还？", ""),
        ("zh", "周晓您好，", ""),
        ("en", "[tight] Thank you for saying so, I am sorry", "Thank you for saying so, I am sorry."),
        ("en", "Hello Jordan, thank you. I am sorry. More.", "thank you. I am sorry."),
        ("en", "How much can you pay?", ""),
        ("en", "Thank you. It costs 4.50 more. Right?", "Thank you. It costs 4.50 more."),
    ],
)
def test_only_what_belongs_into_the_reply_is_kept(lang: Language, answer: str, kept: str) -> None:
    assert passage(answer, lang=lang) == kept


@given(st.text(max_size=200), st.sampled_from(["zh", "en"]))
def test_no_answer_breaks_it_and_no_question_is_left(answer: str, lang: Language) -> None:
    assert not passage(answer, lang=lang).endswith(("?", "？"))


@pytest.mark.parametrize(
    ("lang", "text", "parroted"),
    [
        ("zh", "有孩子帮忙就方便多了，您这么放在心上，辛苦了。", True),  # said to somebody else, in an example
        ("zh", "谢谢您，客户才知道您听到了什么、接下来怎么办。", True),  # an instruction
        ("zh", "谢谢您坦白说出来，心里一定不轻松。", False),  # the house's own words
        ("zh", "谢谢您告诉我，水管爆了谁都着急。", False),
        ("en", "I am glad your son is helping, and I hope it goes smoothly.", True),
        ("en", "Thank you for being honest about money, and I am sorry.", False),
        ("en", "I am sorry about your boiler.", False),
    ],
)
def test_a_passage_that_repeats_the_prompt_is_told(lang: Language, text: str, *, parroted: bool) -> None:
    told = [
        "谢谢您把打算说清楚，有孩子帮忙就方便多了，您这么放在心上，辛苦了。",
        "补上这一句，客户才知道您听到了什么、接下来怎么办。",
        "谢谢您坦白说出来。手头紧的时候还要惦记这件事，心里一定不轻松。",
        "Thank you for telling me your plan. I am glad your son is helping, and I hope it goes smoothly for you.",
        "Thank you for being honest about money. Having this on your mind must be wearing.",
    ]
    own = [told[2], told[4]]
    assert parrots(text, told=told, own=own, lang=lang) is parroted
