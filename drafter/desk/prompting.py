"""A case and its masked message -> what the model is told, from the templates in prompts/."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError, meta

from drafter.desk.house import phrases
from drafter.desk.tiers import manners
from drafter.domain import ChatMessage, Prompt, Tier, Wish
from drafter.errors import PromptError
from guardrails.errors import PolicyError
from guardrails.model import Finding, Language, Value
from guardrails.rulebook import Sentence, Word, read

_REPAIR_TEMPERATURE = 0.8  # another whole draft is wanted, not the same one; a passage has its phrase to go by
_LONGEST_REPLY = 400  # tokens
_LONGEST_PASSAGE = 120
_QUOTE_MARKS = str.maketrans({"«": "‹", "»": "›"})  # the fence cannot be closed from inside


class _Turn(Value):
    """An answer that a small model is shown as its own."""

    tier: Tier
    label: Word
    message: Sentence | Word
    concern: Sentence


class _TurnFile(Value):
    turns: tuple[_Turn, ...]


class _WishFile(Value):
    """What the model is told of an agent's wishes."""

    warmer: Sentence
    firmer: Sentence
    shorter: Sentence
    sentence: Sentence


@dataclass(frozen=True)
class PromptBook:
    """The prompt templates of one folder.

    Attributes:
        folder: holds one folder a language, each with system.j2 and reply.j2 for whole replies, weave.j2, weave.yaml
            and weave_asked.j2 for a passage of one, repair.j2 for both, and the house's phrases in house/.
    """

    folder: Path

    @classmethod
    def installed(cls) -> PromptBook:
        """Return the prompts that came with this installation."""
        return cls(Path(str(files("prompts").joinpath("zh"))).parent)

    def reply(
        self,
        *,
        lang: Language,
        tier: Tier,
        slots: Sequence[str],
        message: str,
        answers: Sequence[str] = (),
        examples: Sequence[str] = (),
        wish: str = "",
        injection: bool = False,
    ) -> Prompt:
        """Return the prompt for a first draft that the model writes whole.

        Args:
            lang: the language of the reply.
            tier: decides the tone.
            slots: names of the slots that can be filled.
            message: the debtor's message, masked; only ever data.
            answers: what the house says to that which the debtor asked, and of the account, slots unfilled.
            examples: house phrases for messages like this one.
            wish: what the agent wants otherwise this time, in words; nothing where it is empty.
            injection: the message holds instructions of its own.

        Raises:
            PromptError: a template is missing, broken or asks for something it is not given.
        """
        user = self._render(
            f"{lang}/reply.j2",
            manner=manners()[tier].manner[lang],
            slots=slots,
            message=message.translate(_QUOTE_MARKS),
            answers=answers,
            examples=examples,
            wish=wish,
            injection=injection,
        )
        return self._prompt(lang, user, woven=False)

    def woven(self, *, lang: Language, tier: Tier, message: str, label: str, wish: str = "") -> Prompt:
        """Return the prompt for the passage that a small model writes into a reply of the house.

        Args:
            lang: the language of the reply.
            tier: decides the tone.
            message: the debtor's message, masked; only ever data.
            label: of the house's phrase that is to be fitted to the message.
            wish: as for `reply`.

        Raises:
            PromptError: as for `reply`.
        """
        return self._prompt(lang, self._asked(lang, tier, label, message, wish), woven=True)

    def _asked(self, lang: Language, tier: Tier, label: str, message: str, wish: str = "") -> str:
        return self._render(
            f"{lang}/weave_asked.j2",
            tone=manners()[tier].tone[lang],
            label=label,
            message=message.translate(_QUOTE_MARKS),
            wish=wish,
        )

    def _prompt(self, lang: Language, user: str, *, woven: bool) -> Prompt:
        return Prompt(
            messages=(*self.static(lang, woven=woven), ChatMessage(role="user", content=user)),
            version=self.version(lang),
            max_tokens=_LONGEST_PASSAGE if woven else _LONGEST_REPLY,
        )

    def repair(
        self, first: Prompt, findings: Sequence[Finding], *, lang: Language, examples: Sequence[str] = ()
    ) -> Prompt:
        """Return the prompt that asks again, with what was found in the rejected draft in words.

        The draft itself is left out: a small model that sees it writes it again word for word.

        Args:
            first: the prompt of the first draft.
            findings: what was found, without anything personal.
            lang: the language of the reply.
            examples: house phrases that say what was meant as it may be said.

        Raises:
            PromptError: as for `reply`.
        """
        *static, user = first.messages
        warmth = _REPAIR_TEMPERATURE if first.max_tokens > _LONGEST_PASSAGE else first.temperature
        again = self._render(f"{lang}/repair.j2", asked=user.content, findings=findings, examples=examples)
        messages = (*static, user.model_copy(update={"content": again}))
        return first.model_copy(update={"messages": messages, "temperature": warmth})

    def static(self, lang: Language, *, woven: bool) -> tuple[ChatMessage, ...]:
        """Return what every prompt starts with, the same bytes for every call, so that an endpoint keeps it cached.

        A small model follows what it is shown as its own earlier turns more closely than what it is told.

        Raises:
            PromptError: as for `reply`.
        """
        if not woven:
            return (ChatMessage(role="system", content=self._render(f"{lang}/system.j2")),)
        told = self._render(f"{lang}/weave.j2", phrases=phrases(self.house(lang), "concern"))
        shown = [message for turn in self._turns(lang) for message in self._shown(lang, turn)]
        return (ChatMessage(role="system", content=told), *shown)

    def _shown(self, lang: Language, turn: _Turn) -> Iterator[ChatMessage]:
        yield ChatMessage(role="user", content=self._asked(lang, turn.tier, turn.label, turn.message))
        yield ChatMessage(role="assistant", content=turn.concern)

    def _turns(self, lang: Language) -> tuple[_Turn, ...]:
        try:
            return read(self.folder / lang / "weave.yaml", _TurnFile).turns
        except PolicyError as error:
            raise PromptError("The shown turns cannot be used: {why}", why=str(error)) from error

    def empathy(self, *, lang: Language, message: str, reply: str) -> Prompt:
        """Return the prompt by which a judge rates how empathic a reply is.

        Args:
            lang: of the reply.
            message: the debtor's message, masked.
            reply: the reply, masked.

        Raises:
            PromptError: as for `reply`.
        """
        asked = self._render(
            f"empathy/{lang}.j2", message=message.translate(_QUOTE_MARKS), reply=reply.translate(_QUOTE_MARKS)
        )
        digest = hashlib.sha256((self.folder / f"empathy/{lang}.j2").read_bytes()).hexdigest()
        return Prompt(
            messages=(ChatMessage(role="user", content=asked),),
            version=f"empathy-{lang}@{digest[:12]}",
            max_tokens=_LONGEST_PASSAGE,
            temperature=0,
        )

    def wish(self, wish: Wish, *, lang: Language, sentence: str = "") -> str:
        """Return what the model is told of an agent's wish; nothing where there is none.

        Args:
            wish: the wish.
            lang: the language of the prompt.
            sentence: what the reply must say word for word, masked.

        Raises:
            PromptError: the words for it cannot be used.
        """
        try:
            words = read(self.folder / lang / "wishes.yaml", _WishFile)
        except PolicyError as error:
            raise PromptError("The words for an agent's wishes cannot be used: {why}", why=str(error)) from error
        told = [getattr(words, name) for name in (wish.tone, "shorter" if wish.shorter else None) if name]
        if sentence:
            told.append(words.sentence.replace("{sentence}", sentence))
        return ("，" if lang == "zh" else ", ").join(told)

    def house(self, lang: Language) -> Path:
        """Return the folder of the house's own phrases."""
        return self.folder / lang / "house"

    def version(self, lang: Language) -> str:
        """Return `<lang>@<hash>` over every template and phrase of the language."""
        digest = hashlib.sha256()
        phrases = (path.relative_to(self.folder).as_posix() for path in sorted((self.folder / lang).rglob("*.yaml")))
        for name in (*self.names(lang), *phrases):
            digest.update(name.encode() + b"\0" + (self.folder / name).read_bytes() + b"\0")
        return f"{lang}@{digest.hexdigest()[:12]}"

    def names(self, lang: Language) -> tuple[str, ...]:
        """Return the template files of a language, relative to the folder."""
        return tuple(path.relative_to(self.folder).as_posix() for path in sorted((self.folder / lang).rglob("*.j2")))

    def source(self, name: str) -> str:
        """Return a template's own text.

        Raises:
            PromptError: there is no such template.
        """
        if name not in (known := [n for lang in self.languages() for n in self.names(lang)]):
            raise PromptError(
                "There is no prompt {name}; choose one of {known}.", name=repr(name), known=", ".join(known)
            )
        return (self.folder / name).read_text(encoding="utf-8")

    def wants(self, name: str) -> Mapping[str, None]:
        """Return the names of the variables a template asks for."""
        return dict.fromkeys(sorted(meta.find_undeclared_variables(self._environment.parse(self.source(name)))))

    def languages(self) -> Iterator[Language]:
        """Yield the languages that have prompts."""
        for lang in ("zh", "en"):
            if (self.folder / lang).is_dir():
                yield lang

    def _render(self, name: str, **values: Any) -> str:
        try:
            return self._environment.get_template(name).render(**values).strip()
        except TemplateSyntaxError as error:
            place = f"{error.name}, line {error.lineno}"
            raise PromptError(
                "The prompt {name} is broken: {why}; mend this line.", name=place, why=error.message
            ) from error
        except (TemplateError, OSError, UnicodeDecodeError) as error:
            raise PromptError(
                "The prompt {name} cannot be used: {why}; mend it or restore it from the release.",
                name=name,
                why=str(error),
            ) from error

    @cached_property
    def _environment(self) -> Environment:
        # Prompts are plain text, never HTML: escaping would change what the model reads.
        return Environment(
            loader=FileSystemLoader(self.folder),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701 - prompts are not HTML; pages have an environment of their own
            trim_blocks=True,
            keep_trailing_newline=True,
        )
