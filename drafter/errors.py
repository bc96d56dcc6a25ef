"""Everything that can go wrong on the desk, and the exit code each kind ends a command with.

DrafterError                      4  an internal error
├── InputError                    2  what was given cannot be used
│   ├── MessageError                 the debtor's message is empty, too long or not text
│   ├── FactsError                   the facts cannot be read or contradict the contract
│   ├── SettingsError                a setting is wrong
│   ├── PromptError                  a prompt template is broken or wants an unknown fact
│   ├── NotFoundError                the case, draft or rule asked for does not exist
│   │   └── GoneError                it did, and its texts were erased
│   ├── ConflictError                what was asked for no longer fits what is there
│   └── NotApprovableError           the text does not pass, or this person may not let it go
├── SignInError                   2  whoever asks is not known, or may not ask this
│   ├── ForbiddenError               known, but without the right
│   │   └── NotLinkedError              known at the identity provider, and to nobody here
│   └── ThrottledError               too many tries; later again
├── ModelError                    3  no usable answer from the model
│   ├── ModelUnavailableError        unreachable, overloaded or timed out after all retries
│   ├── ModelRejectedKeyError        the endpoint does not accept the key
│   ├── ModelRequestError            the endpoint rejects the request itself (wrong model name, too long ...)
│   ├── ModelRefusedError            the model declined to answer
│   ├── EmptyAnswerError             the answer has no text
│   ├── CutOffAnswerError            the answer stopped at the token limit
│   ├── OverlongAnswerError          the answer is longer than a reply may be
│   ├── BadJsonError                 a structured answer does not parse
│   └── EmbeddedModelError           the built-in model cannot be fetched, verified or started
├── ProviderError                 3  the identity provider gave no usable answer
│   └── ProviderUnavailableError     unreachable, overloaded or too slow
├── ChannelError                  3  a channel did not take an approved text
└── StorageError                  4  the database or the disk did not take the data

A message says in one sentence what happened, what was kept and what to do next. It is written in English with named
places for its values; the edge looks the sentence up in the reader's catalogue and fills the same values in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar


class DrafterError(Exception):
    """Base of every error the desk raises on purpose.

    Args:
        template: an English sentence; `{name}` stands for the value of that name.
        params: the values; never personal ones.
    """

    exit_code: ClassVar[int] = 4
    code: ClassVar[str] = "internal"

    def __init__(self, template: str, **params: object) -> None:
        self.template = template
        self.params = params
        super().__init__(self.told())

    @property
    def message(self) -> str:
        return self.told()

    def told(self, translate: Callable[[str], str] = str) -> str:
        """Return the sentence, translated and filled in; a value that is itself a phrase is translated too."""
        sentence = translate(self.template)
        values = {name: translate(value) if isinstance(value, str) else value for name, value in self.params.items()}
        return sentence.format(**values) if values else sentence


class InputError(DrafterError):
    exit_code = 2
    code = "input"


class MessageError(InputError):
    code = "message"


class FactsError(InputError):
    code = "facts"


class SettingsError(InputError):
    code = "settings"


class PromptError(InputError):
    code = "prompt"


class NotFoundError(InputError):
    code = "not-found"


class GoneError(NotFoundError):
    code = "gone"


class ConflictError(InputError):
    code = "conflict"


class NotApprovableError(InputError):
    code = "not-approvable"


class SignInError(DrafterError):
    exit_code = 2
    code = "sign-in"


class ForbiddenError(SignInError):
    code = "forbidden"


class NotLinkedError(ForbiddenError):
    code = "not-linked"


class ThrottledError(SignInError):
    code = "throttled"


class ModelError(DrafterError):
    exit_code = 3
    code = "model"


class ModelUnavailableError(ModelError):
    code = "model-unavailable"


class ModelRejectedKeyError(ModelError):
    code = "model-rejected-key"


class ModelRequestError(ModelError):
    code = "model-request"


class ModelRefusedError(ModelError):
    code = "model-refused"


class EmptyAnswerError(ModelError):
    code = "empty-answer"


class CutOffAnswerError(ModelError):
    code = "cut-off-answer"


class OverlongAnswerError(ModelError):
    code = "overlong-answer"


class BadJsonError(ModelError):
    code = "bad-json"


class EmbeddedModelError(ModelError):
    code = "embedded-model"


class ProviderError(DrafterError):
    exit_code = 3
    code = "provider"


class ProviderUnavailableError(ProviderError):
    code = "provider-unavailable"


class ChannelError(DrafterError):
    """A channel did not take an approved text.

    Args:
        template: an English sentence; `{name}` stands for the value of that name.
        temporary: another try may succeed; also where it is not known whether the text arrived.
        params: the values; never personal ones.
    """

    exit_code = 3
    code = "channel"

    def __init__(self, template: str, *, temporary: bool, **params: object) -> None:
        self.temporary = temporary
        super().__init__(template, **params)


class StorageError(DrafterError):
    code = "storage"
