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

from drafter.domain import ChatMessage, Prompt, Tier
from drafter.errors import PromptError
from guardrails.model import Finding, Language

_REPAIR_TEMPERATURE = 0.8  # another draft is wanted, not the same one
_QUOTE_MARKS = str.maketrans({"«": "‹", "»": "›"})  # the fence cannot be closed from inside


@dataclass(frozen=True)
class PromptBook:
    """The prompt templates of one folder.

    Attributes:
        folder: holds one folder a language, each with system.j2, reply.j2, repair.j2 and fallback.j2.
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
        signals: Sequence[str] = (),
        injection: bool = False,
    ) -> Prompt:
        """Return the prompt for a first draft.

        Args:
            lang: the language of the reply.
            tier: decides the tone.
            slots: names of the slots that can be filled.
            message: the debtor's message, masked; only ever data.
            signals: what triage saw.
            injection: the message holds instructions of its own.

        Raises:
            PromptError: a template is missing, broken or asks for something it is not given.
        """
        user = self._render(
            f"{lang}/reply.j2",
            tier=tier.value,
            slots=slots,
            message=message.translate(_QUOTE_MARKS),
            signals=signals,
            injection=injection,
        )
        system = ChatMessage(role="system", content=self.system(lang))
        return Prompt(messages=(system, ChatMessage(role="user", content=user)), version=self.version(lang))

    def repair(self, first: Prompt, findings: Sequence[Finding], *, lang: Language) -> Prompt:
        """Return the prompt that asks again, with what was found in the rejected draft in words.

        The draft itself is left out: a small model that sees it writes it again word for word.

        Raises:
            PromptError: as for `reply`.
        """
        system, user = first.messages
        asked = user.content.rsplit("\n", 1)[0]  # the last line only calls for the answer
        again = user.model_copy(update={"content": self._render(f"{lang}/repair.j2", asked=asked, findings=findings)})
        return first.model_copy(update={"messages": (system, again), "temperature": _REPAIR_TEMPERATURE})

    def fallback(self, *, lang: Language, tier: Tier, slots: Sequence[str], signals: Sequence[str]) -> str:
        """Return the house's own reply, slots unfilled, for when no draft of the model passes.

        Raises:
            PromptError: as for `reply`.
        """
        return self._render(f"{lang}/fallback.j2", tier=tier.value, slots=slots, signals=signals)

    def system(self, lang: Language) -> str:
        """Return the static part, the same bytes for every call, so that an endpoint can keep it cached."""
        return self._render(f"{lang}/system.j2")

    def version(self, lang: Language) -> str:
        """Return `<lang>@<hash>` over every template file of the language."""
        digest = hashlib.sha256()
        for name in self.names(lang):
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
