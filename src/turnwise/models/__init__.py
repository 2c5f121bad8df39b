"""ChatModel protocol; one file per provider; limits and retries once, for all."""

from turnwise.models.chat import (
    ChatModel,
    ChatRequest,
    Failure,
    FailureKind,
    Message,
    Parameters,
    Reply,
    ReplyState,
    ResponseFormat,
    Role,
    Usage,
    failed,
)

__all__ = [
    "ChatModel",
    "ChatRequest",
    "Failure",
    "FailureKind",
    "Message",
    "Parameters",
    "Reply",
    "ReplyState",
    "ResponseFormat",
    "Role",
    "Usage",
    "failed",
]
