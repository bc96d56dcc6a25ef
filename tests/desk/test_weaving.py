from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafter.desk.weaving import passage
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
